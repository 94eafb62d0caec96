// Whether a concert can be booked, and what a fan can do next.

import { moment, zoneOf } from './format.js';
import { t } from './text.js';

const STATES = {
  OPEN: 'open', HELD: 'held', NOT_OPEN: 'notYet', SOLD_OUT: 'soldOut', CLOSED: 'closed', CANCELLED: 'cancelled', NO_DATE: 'ended',
};
const KINDS = { open: 'good', paused: 'soon', held: 'soon', notYet: 'soon' };

/** `open`, `paused`, `held`, `notYet`, `soldOut`, `closed`, `cancelled` or `ended` (no date to come). */
export function stateOf({ sale, paused }) {
  const state = STATES[sale];
  return state === 'open' && paused ? 'paused' : state;
}

/** The state in words; `isShort` leaves out when booking opens. */
export function BookingState({ concert, isShort }) {
  const state = stateOf(concert);
  const text = state === 'notYet' && !isShort
    ? t('dates.notYet', { at: moment(concert.bookingOpensAt, zoneOf(concert)) })
    : t(`concert.${state}`);
  return <p class={`tag ${KINDS[state] ?? ''}`}>{text}</p>;
}

/** The state of one date of a concert; nothing while it can be booked. */
export function DateState({ sale }) {
  if (sale === 'OPEN') return null;
  return <span class={`tag ${KINDS[STATES[sale]] ?? ''}`}>{t(`concert.${STATES[sale]}`)}</span>;
}
