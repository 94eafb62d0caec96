// A seat of a hall in words.

import { points, seatName } from './format.js';
import { t } from './text.js';

const KINDS = ['ACCESSIBLE', 'COMPANION', 'RESTRICTED_VIEW'];

/** The name of a seat, with its kind if it is not an ordinary one. */
export const longName = (seat) => (KINDS.includes(seat.kind) ? `${seatName(seat)}, ${t(`seats.kind.${seat.kind}`)}` : seatName(seat));

/** A seat with its price and its state. */
export const describe = (seat, state) => t('seats.describe', { seat: longName(seat), price: points(seat.price), status: t(`seats.${state}`) });
