// The dates of a concert, for choosing one.

import { all } from './api.js';

/** The dates; the seats are shown at once where there is only one date and it was not chosen before. */
export async function loadDates(booking, signal) {
  const path = `/concerts/${booking.concert.id}/schedules`;
  const schedules = await booking.with((token) => all(path, { token, signal }));
  const [only] = schedules;
  booking.manyDates = schedules.length > 1;
  if (!booking.manyDates && only?.seatsAvailable && !only.cancelledAt && !booking.choseDate) {
    booking.choseDate = true;
    await booking.seats(only);
  }
  return schedules;
}
