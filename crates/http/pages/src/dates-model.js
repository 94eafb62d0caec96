// The dates of a concert, for choosing one.

import { all } from './api.js';

/** Reads the dates. */
export const readDates = (booking, signal) => booking.with((token) => all(`/concerts/${booking.concert.id}/schedules`, { token, signal }));

/** How long the dates that a concert lists are current, in milliseconds: as long as a page takes to load. */
const LISTED_TIME = 5000;

/** The date whose seats can be shown before the dates are read: the only one, or the one that was chosen before the page was loaded anew. */
export function dateAtOnce(booking) {
  const { concert: { bookable, dates }, choseDate, readAt, wasWaiting } = booking;
  const isCurrent = !wasWaiting && Date.now() - readAt < LISTED_TIME;
  if (!isCurrent || !bookable || choseDate) return undefined;
  const listed = dates.length === 1 ? dates[0] : dates.find(({ scheduleId }) => scheduleId === history.state?.date);
  if (listed?.sale !== 'OPEN') return undefined;
  const { scheduleId: id, timeZone, ...terms } = listed;
  const date = { ...terms, id, venue: timeZone && { timeZone } };
  booking.manyDates = dates.length > 1;
  if (booking.manyDates) booking.chosenDate = date;
  return date;
}

/** The dates; the seats are shown at once where there is only one date, or one was chosen before the page was loaded anew. */
export async function loadDates(booking, reading) {
  const schedules = await reading;
  const [only] = schedules;
  booking.manyDates = schedules.length > 1;
  if (!booking.manyDates && only?.seatsAvailable && !only.cancelledAt && !booking.choseDate) {
    await booking.seats(only);
  }
  const before = !booking.chosenDate && schedules.find(({ id }) => id === history.state?.date);
  if (before && booking.manyDates) {
    booking.chosenDate = before;
    await booking.seats(before);
  }
  return schedules;
}
