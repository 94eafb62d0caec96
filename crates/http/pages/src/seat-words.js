// A seat of a hall in words.

import { points, seatName } from './format.js';
import { t } from './text.js';

const KINDS = ['ACCESSIBLE', 'COMPANION', 'RESTRICTED_VIEW'];

/** The name of a seat, with its kind if it is not an ordinary one. */
export const longName = (seat) => (KINDS.includes(seat.kind) ? `${seatName(seat)}, ${t(`seats.kind.${seat.kind}`)}` : seatName(seat));

/** A seat with its price and its state. */
export const describe = (seat, state) => t('seats.describe', { seat: longName(seat), price: points(seat.price), status: t(`seats.${state}`) });

/** The name of a row, with its section. */
export const rowName = ({ name }, row) => t(name ? 'row.labelled' : 'row.plain', { label: name, row: row.label });

/** Places in words, by their numbers in order: seats that are next to each other are one run, places of a standing area as well. */
export function runsOf(hall, numbers) {
  const runs = [];
  for (const number of numbers) {
    const seat = hall.seat(number);
    const run = runs.at(-1);
    if (run && seat.of === run.of && (seat.of.standing || (seat.row === run.row && number === run.last + 1))) {
      Object.assign(run, { last: number, to: seat, count: run.count + 1 });
    } else {
      runs.push({ of: seat.of, row: seat.row, last: number, from: seat, to: seat, count: 1 });
    }
  }
  return runs.map(runInWords);
}

function runInWords({ of, row, from, to, count }) {
  if (of.standing) return t('seats.standingCount', { name: of.name, n: count });
  if (from === to) return longName(from);
  const [one, other] = [from.seatNumber, to.seatNumber].sort((a, b) => a - b);
  return t('seat.run', { row: rowName(of, row), from: one, to: other });
}
