// Reading what a seat map is made of: its script, its plan and the states of its seats, all at once.

import { Problem, get, request } from './api.js';
import { t } from './text.js';

let page;

/** The script of the seat map, read once. One that cannot be read is a problem that passes. */
export function readSeatPage() {
  page ??= loadSeatPage().catch(() => {
    page = undefined;
    throw new Problem(0, { code: 'UNREACHABLE', detail: t('unreachable') });
  });
  return page;
}

function loadSeatPage() {
  // The script is a line that imports this one: both are asked for at once.
  const chunk = document.createElement('link');
  Object.assign(chunk, { rel: 'modulepreload', href: new URL('chunk-seats.js', import.meta.url).href });
  document.head.append(chunk);
  return import('./seat-page.js');
}

/** The plan of a date, which never changes: the browser keeps it. */
export const readPlan = (id, options) => get(`/schedules/${id}/plan`, options);

/** The states of a date's seats with their `tag`; nothing if they are those of the `tag` that is known. */
export async function readStates(id, { tag, ...options } = {}) {
  const read = async (response) => (response.status === 304 ? undefined : { ...await response.json(), tag: response.headers.get('etag') });
  return request('GET', `/schedules/${id}/seat-status`, { ...options, headers: tag && { 'if-none-match': tag }, read });
}
