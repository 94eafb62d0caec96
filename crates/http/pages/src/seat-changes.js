// What an event of a date's seats says about each seat.

/** What an event says that tells all: the numbers of these seats that are not free. */
export function allOf(seats) {
  const taken = seats.filter((seat) => seat.status !== 'FREE').map((seat) => [seat.number, seat.number]);
  return { all: true, taken, freed: [] };
}

/** Pairs of a seat's number and its status. The first event of a stream lists all that are not free. */
export function rangesOf({ all, taken, freed }, seats) {
  const each = (ranges, status) => ranges.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, index) => [from + index, status]));
  const changes = [...each(freed, 'FREE'), ...each(taken, 'TAKEN')];
  if (!all) return changes;
  const known = new Set(changes.map(([seat]) => seat));
  const others = seats.filter((seat) => !known.has(seat.number));
  return [...changes, ...others.map((seat) => [seat.number, 'FREE'])];
}
