// Concerts by their ids, each asked for once.

import { get } from './api.js';

const known = new Map();

/** The concerts with these ids, by their ids. */
export async function concertsById(ids, signal) {
  const missing = [...new Set(ids)].filter((id) => id && !known.has(id));
  await Promise.all(missing.map(async (id) => known.set(id, await get(`/concerts/${id}`, { signal }))));
  return known;
}
