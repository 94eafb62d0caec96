// Sending a picture. `fetch` does not tell how much of a request has been sent.

import { BASE, Problem } from './api.js';
import { language, t } from './text.js';

/** The most bytes of a picture. */
export const BYTES_MAX = 5 * 1024 * 1024;
export const MEDIA_TYPES = ['image/png', 'image/jpeg', 'image/webp'];

/** Sends a picture as the poster of a concert; `onPart` hears how much of it has been sent, from 0 to 1. Answers the concert and its tag. */
export function uploadPoster(path, file, signal, onPart) {
  if (!MEDIA_TYPES.includes(file.type)) return Promise.reject(new Error(t('poster.wrongType')));
  if (file.size > BYTES_MAX) return Promise.reject(new Error(t('poster.tooLarge')));
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', `${BASE}${path}/poster`);
    request.setRequestHeader('content-type', file.type);
    request.setRequestHeader('accept-language', language());
    request.upload.onprogress = ({ loaded, total }) => onPart(total ? loaded / total : 0);
    request.onload = () => {
      const body = readJson(request.responseText);
      if (request.status === 200) resolve({ body, tag: request.getResponseHeader('etag') });
      else reject(new Problem(request.status, body, Number(request.getResponseHeader('retry-after')) || undefined));
    };
    request.onerror = () => reject(new Problem(0, { code: 'UNREACHABLE', detail: t('unreachable') }));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    onPart(0);
    request.send(file);
  });
}

function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
