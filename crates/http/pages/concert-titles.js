// The titles of concerts, each asked for once.

import { get } from './api.js';

const known = new Map();

/** The titles of these concerts, by their ids. */
export async function concertTitles(ids, signal) {
  const missing = [...new Set(ids)].filter((id) => !known.has(id));
  await Promise.all(missing.map(async (id) => known.set(id, (await get(`/concerts/${id}`, { signal })).title)));
  return known;
}
