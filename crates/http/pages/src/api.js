// The public API, as the pages call it: what fails for a moment is asked again.

import { language, t } from './text.js';

export const BASE = '/api/v1';
/** How often a request is sent at most. */
const ATTEMPTS = 4;
/** The longest wait before a request is sent again, in milliseconds; a longer one is left to the person. */
const WAIT_MAX = 15_000;
/** How long the start of an answer may take, in milliseconds. */
const ANSWER_MAX = 20_000;
/** Statuses that pass by themselves; 0 stands for no answer at all. */
const PASSING = [0, 429, 500, 502, 503, 504];

/** A refusal of the API: `code` tells which, `message` says it to people, `body` is the problem document. */
export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super(body.detail || t('failed'));
    this.status = status;
    this.code = body.code;
    this.body = body;
    this.retryAfterSeconds = retryAfter;
  }

  /** Whether an earlier attempt at the same change had an unknown outcome: it may have been made. */
  isRepetition = false;

  /** Whether the same request may succeed later. */
  get passes() { return PASSING.includes(this.status); }

  /** Whether the service no longer knows who asks. */
  get endsSession() { return this.status === 401 && this.code !== 'TOKEN_EXPIRED'; }
}

/** How far the server's clock is ahead of ours, in milliseconds. */
let ahead = 0;

/** The server's time, in milliseconds. */
export const now = () => Date.now() + ahead;

function noteTime(response) {
  // A cache says how long ago it got the answer.
  const date = Date.parse(response.headers.get('date')) + 1000 * (Number(response.headers.get('age')) || 0);
  // The header is cut to whole seconds: half of one is what it lacks on average.
  if (!Number.isNaN(date) && Math.abs(date + 500 - now()) > 1500) ahead = date + 500 - Date.now();
}

/** A key for a change, so that a repetition of its request changes nothing more. */
function newKey() {
  // `crypto.randomUUID` is missing where a page came without TLS.
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16).padStart(8, '0')).join('');
}

/** Sends a request. */
async function send(method, path, { body, token, headers, signal, credentials, cache }) {
  const response = await fetch(BASE + path, {
    method,
    signal,
    credentials,
    cache,
    headers: {
      'accept-language': language(),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  noteTime(response);
  if (response.ok || response.status === 304) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Problem(response.status, problem, Number(response.headers.get('retry-after')) || undefined);
}

/** Sends a request and reads its answer; one that does not come, comes too late or breaks off is a problem too. */
async function attempt(method, path, { signal, ...options }, read) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ANSWER_MAX);
  try {
    const either = AbortSignal.any([late.signal, ...(signal ? [signal] : [])]);
    return await read(await send(method, path, { ...options, signal: either }));
  } catch (error) {
    if (signal?.aborted || error instanceof Problem) throw error;
    throw new Problem(0, { code: 'UNREACHABLE', detail: t('unreachable') });
  } finally {
    clearTimeout(timer);
  }
}

/** Changes that are not settled: the key of each, and whether an attempt had an unknown outcome. The same change again goes under the same key. */
const unsettled = new Map();
/** How long such a key is kept, in milliseconds. */
const UNSETTLED_MAX = 600_000;

/** Hears `waiting` with the problem before a request is sent again, and `over` when none waits any more. */
export const retries = new EventTarget();
let waiting = 0;

async function waitOut(problem, milliseconds, signal) {
  waiting += 1;
  retries.dispatchEvent(new CustomEvent('waiting', { detail: { problem, seconds: Math.ceil(milliseconds / 1000) } }));
  try {
    await pause(milliseconds, signal);
  } finally {
    waiting -= 1;
    if (!waiting) retries.dispatchEvent(new Event('over'));
  }
}

/** A change that is about to be sent, with its key. */
function begun(change) {
  const known = unsettled.get(change);
  const current = known && Date.now() - known.at < UNSETTLED_MAX ? known : { key: newKey(), isUnknown: false };
  current.at = Date.now();
  unsettled.set(change, current);
  return current;
}

/** Takes in how an attempt at a change failed. A refusal tells whether it is the answer to a repetition. */
function noteFailure(change, known, error) {
  if (!(error instanceof Problem) || error.passes) {
    known.isUnknown = true;
    return;
  }
  error.isRepetition = known.isUnknown;
  // A session that has ended tells nothing of an earlier attempt: after signing in the change is repeated.
  if (error.status !== 401) unsettled.delete(change);
}

/**
 * Makes attempts until one does not fail for a moment. `change` names what they change, if anything: it goes under a key, which each
 * attempt gets, so that a repetition is harmless. The key is kept while the outcome is unknown.
 */
export async function insist(change, attemptWith, { attempts = ATTEMPTS, signal } = {}) {
  const known = change ? begun(change) : {};
  for (let count = 1; ; count += 1) {
    try {
      const answer = await attemptWith(known.key);
      unsettled.delete(change);
      return answer;
    } catch (error) {
      noteFailure(change, known, error);
      if (!error.passes || count >= attempts) throw error;
      const backoff = 500 * 2 ** (count - 1) * (1 + Math.random() / 4);
      const wait = error.retryAfterSeconds ? error.retryAfterSeconds * 1000 : backoff;
      if (wait > WAIT_MAX) throw error;
      await waitOut(error, wait, signal);
    }
  }
}

/**
 * Sends a request, and sends it again when it failed for a moment. `token` is a queue token; without
 * one the session's cookie speaks. `read` takes what is wanted out of the answer.
 */
export function request(method, path, { attempts, headers, read = (response) => response, ...options } = {}) {
  const change = method !== 'GET' && `${method} ${path} ${JSON.stringify(options.body)}`;
  const send = (key) => attempt(method, path, { ...options, headers: { ...(key && { 'idempotency-key': key }), ...headers } }, read);
  return insist(change, send, { attempts, signal: options.signal });
}

const read = (response) => (response.headers.has('content-type') ? response.json() : undefined);

export const get = (path, options) => request('GET', path, { ...options, read });
export const post = (path, body, options) => request('POST', path, { ...options, body, read });
export const patch = (path, body, options) => request('PATCH', path, { ...options, body, read });
export const put = (path, body, options) => request('PUT', path, { ...options, body, read });

/** Removes what is at `path`. A repetition that finds nothing there comes after an attempt that removed it. */
export const remove = (path, options) => request('DELETE', path, { ...options, read }).catch((error) => {
  if (error.status !== 404 || !error.isRepetition) throw error;
});

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
  const stop = () => { clearTimeout(timer); reject(signal.reason); };
  const timer = setTimeout(() => { signal?.removeEventListener('abort', stop); resolve(); }, milliseconds);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
});
