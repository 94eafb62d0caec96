// Sending a picture. `fetch` does not tell how much of a request has been sent.

import { BASE, Problem, insist } from './api.js';
import { language, t } from './text.js';

/** The most bytes of a picture. */
export const BYTES_MAX = 5 * 1024 * 1024;
/** The longest silence of a connection, in milliseconds, before it counts as lost. */
const SILENCE_MAX = 60_000;
export const MEDIA_TYPES = ['image/png', 'image/jpeg', 'image/webp'];

/** Sends a picture once; answers the concert and its tag. */
function send(path, file, signal, onPart) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', path);
    request.setRequestHeader('content-type', file.type);
    request.setRequestHeader('accept-language', language());
    const unreachable = () => new Problem(0, { code: 'UNREACHABLE', detail: t('unreachable') });
    let timer;
    const listen = () => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), SILENCE_MAX);
    };
    request.upload.onprogress = ({ loaded, total }) => {
      listen();
      onPart(total ? loaded / total : 0);
    };
    request.onloadend = () => clearTimeout(timer);
    request.onload = () => {
      const body = readJson(request.responseText);
      if (request.status === 200) resolve({ body, tag: request.getResponseHeader('etag') });
      else reject(new Problem(request.status, body, Number(request.getResponseHeader('retry-after')) || undefined));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(signal.aborted ? signal.reason : unreachable());
    signal.addEventListener('abort', () => request.abort(), { once: true });
    listen();
    onPart(0);
    request.send(file);
  });
}

/** Sends a picture as the poster of a concert; `onPart` hears how much of it has been sent, from 0 to 1. Answers the concert and its tag. */
export async function uploadPoster(path, file, signal, onPart) {
  if (!MEDIA_TYPES.includes(file.type)) throw new Error(t('poster.wrongType'));
  if (file.size > BYTES_MAX) throw new Error(t('poster.tooLarge'));
  const address = `${BASE}${path}/poster`;
  // The same picture again changes nothing more: it needs no key.
  return insist(undefined, () => send(address, file, signal, onPart), { signal });
}

function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
