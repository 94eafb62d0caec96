// Whether a concert can be booked, and what a fan can do next.

import { now } from './api.js';
import { date } from './format.js';
import { t } from './text.js';

/** `open`, `notYet`, `ended` (no date to come) or `none` (sold out, or booking has closed). */
export function stateOf({ bookable, bookingOpensAt, nextDates }) {
  if (bookable) return 'open';
  if (bookingOpensAt && Date.parse(bookingOpensAt) > now()) return 'notYet';
  return nextDates.length ? 'none' : 'ended';
}

/** The state in words; `isShort` leaves out when booking opens. */
export function BookingState({ concert, isShort }) {
  const state = stateOf(concert);
  const text = state === 'notYet' && !isShort ? t('dates.notYet', { at: date(concert.bookingOpensAt) }) : t(`concert.${state}`);
  return <p class={`tag ${{ open: 'good', notYet: 'soon' }[state] ?? ''}`}>{text}</p>;
}
