// The public API, as the pages call it.

import { language, t } from './text.js';

const BASE = '/api/v1';

/** A refusal of the API: `code` tells which, `message` says it to people. */
export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super(body.errors?.map(({ field, rule }) => `${field} ${rule}`).join(', ') || body.detail || t('failed'));
    this.status = status;
    this.code = body.code;
    this.retryAfterSeconds = retryAfter;
  }
}

/** How far the server's clock is ahead of ours, in milliseconds. */
let ahead = 0;

/** The server's time, in milliseconds. */
export const now = () => Date.now() + ahead;

function noteTime(response) {
  const date = Date.parse(response.headers.get('date'));
  // The header is cut to whole seconds: half of one is what it lacks on average.
  if (!Number.isNaN(date) && Math.abs(date + 500 - now()) > 1500) ahead = date + 500 - Date.now();
}

/** Sends a request. `token` is a queue token; without one the session's cookie speaks. */
export async function request(method, path, { body, token, headers = {}, signal } = {}) {
  let response;
  try {
    response = await fetch(BASE + path, {
      method,
      signal,
      headers: {
        'accept-language': language(),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, { code: 'UNREACHABLE', detail: t('unreachable') });
  }
  noteTime(response);
  if (response.ok || response.status === 304) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Problem(response.status, problem, Number(response.headers.get('retry-after')) || undefined);
}

async function answer(method, path, options) {
  const response = await request(method, path, options);
  return response.status === 204 ? undefined : response.json();
}

export const get = (path, options) => answer('GET', path, options);
export const post = (path, body, options = {}) => answer('POST', path, { ...options, body });
export const patch = (path, body, options = {}) => answer('PATCH', path, { ...options, body });
export const remove = (path, options) => answer('DELETE', path, options);

/** Changes something that must not be done twice; asked again under the same key if the answer was lost. */
export async function once(path, body, options = {}) {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await post(path, body, { ...options, headers });
    } catch (error) {
      const lost = error.status === 0 || error.status === 503 || error.status === 504;
      if (!lost || attempt === 3) throw error;
      await pause((error.retryAfterSeconds ?? attempt) * 1000);
    }
  }
}

/** Every item of a list, page by page, up to `most`. */
export async function all(path, options, most = 1000) {
  const items = [];
  const joint = path.includes('?') ? '&' : '?';
  for (let cursor; items.length < most;) {
    const page = await get(`${path}${joint}limit=100${cursor ? `&cursor=${cursor}` : ''}`, options);
    items.push(...page.items);
    cursor = page.nextCursor;
    if (!cursor) break;
  }
  return items;
}

export const pause = (milliseconds, signal) => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, milliseconds);
  signal?.addEventListener('abort', () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
});
