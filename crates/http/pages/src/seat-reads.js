// Reading what a seat map is made of: its plan and the states of its seats.

import { get, request } from './api.js';

/** The plan of a date, which never changes: the browser keeps it. */
export const readPlan = (id, options) => get(`/schedules/${id}/plan`, options);

/** The states of a date's seats with their `tag`; nothing if they are those of the `tag` that is known. */
export async function readStates(id, { tag, ...options } = {}) {
  const read = async (response) => (response.status === 304 ? undefined : { ...await response.json(), tag: response.headers.get('etag') });
  return request('GET', `/schedules/${id}/seat-status`, { ...options, headers: tag && { 'if-none-match': tag }, read });
}
