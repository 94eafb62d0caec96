// Concerts by their ids, each asked for once, and many of them with one request.

import { get } from './api.js';

const known = new Map();
/** The most ids of one request. */
const IDS_MAX = 100;

/** The concerts with these ids, by their ids. */
export async function concertsById(ids, signal) {
  const missing = [...new Set(ids)].filter((id) => id && !known.has(id));
  for (let start = 0; start < missing.length; start += IDS_MAX) {
    const ids = missing.slice(start, start + IDS_MAX);
    const { items } = await get(`/concerts?ids=${ids.join()}&limit=${IDS_MAX}`, { signal });
    items.forEach((concert) => known.set(concert.id, concert));
  }
  // Drafts are in no list.
  await Promise.all(missing.filter((id) => !known.has(id)).map(async (id) => known.set(id, await get(`/concerts/${id}`, { signal }))));
  return known;
}
