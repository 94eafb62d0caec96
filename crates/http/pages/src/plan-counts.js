// The number of places of a seat plan. A section is counted again only after it has changed.

/** Remembers what `work` answered for an object while `key` stays the same. */
export function remembering(work) {
  const known = new WeakMap();
  return (item, key) => {
    const found = known.get(item);
    if (found && found.key === key) return found.answer;
    const answer = work(item, key);
    known.set(item, { key, answer });
    return answer;
  };
}

/** Adds to the count of a kind and a zone. */
function count(counts, kind, zone, by = 1) {
  counts.kinds[kind] = (counts.kinds[kind] ?? 0) + by;
  counts.zones[zone] = (counts.zones[zone] ?? 0) + by;
  counts.total += by;
}

export const countsOfSection = remembering(({ zone, rows, standing }) => {
  const counts = { total: 0, kinds: {}, zones: {} };
  if (standing) count(counts, 'STANDING', zone, standing.capacity);
  for (const { seats, exceptions = [] } of rows ?? []) {
    count(counts, 'SEAT', zone, seats - exceptions.length);
    for (const { kind, zone: own } of exceptions) if (kind !== 'ABSENT') count(counts, kind, own ?? zone);
  }
  return counts;
});

/** The number of places of a plan: in all, by kind and by zone. */
export const countsOf = remembering(({ sections }) => {
  const counts = { total: 0, kinds: {}, zones: {} };
  for (const section of sections) {
    const own = countsOfSection(section);
    counts.total += own.total;
    for (const group of ['kinds', 'zones']) {
      for (const [name, n] of Object.entries(own[group])) counts[group][name] = (counts[group][name] ?? 0) + n;
    }
  }
  return counts;
});
