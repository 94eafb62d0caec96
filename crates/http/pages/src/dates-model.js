// The dates of a concert, for choosing one.

import { all } from './api.js';

/** Reads the dates. */
export const readDates = (booking, signal) => booking.with((token) => all(`/concerts/${booking.concert.id}/schedules`, { token, signal }));

/** The dates; the seats are shown at once where there is only one date, or one was chosen before the page was loaded anew. */
export async function loadDates(booking, reading) {
  const schedules = await reading;
  const [only] = schedules;
  booking.manyDates = schedules.length > 1;
  if (!booking.manyDates && only?.seatsAvailable && !only.cancelledAt && !booking.choseDate) {
    booking.choseDate = true;
    await booking.seats(only);
  }
  const before = !booking.chosenDate && schedules.find(({ id }) => id === history.state?.date);
  if (before && booking.manyDates) {
    booking.chosenDate = before;
    await booking.seats(before);
  }
  return schedules;
}
