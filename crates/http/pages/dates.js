// Choosing a date.

import { all, now } from './api.js';
import { h } from './dom.js';
import { date, moment, number } from './format.js';
import { t } from './text.js';
import { timeToShop } from './time-to-shop.js';

function card(booking, schedule) {
  const opens = Date.parse(schedule.bookingOpensAt);
  const open = opens <= now() && now() < Date.parse(schedule.bookingClosesAt);
  const left = schedule.seatsAvailable
    ? t('dates.left', { n: number(schedule.seatsAvailable), of: number(schedule.seatCount) })
    : t('dates.soldOut');
  const state = opens > now() ? t('dates.notYet', { at: moment(schedule.bookingOpensAt) }) : left;
  return h('li', {}, h('button', {
    type: 'button', class: 'choice', disabled: !open, onclick: () => booking.seats(schedule),
  }, h('strong', {}, date(schedule.startsAt)), h('span', {}, state)));
}

export default async function showDates(booking, section, signal) {
  const path = `/concerts/${booking.concert.id}/schedules`;
  const schedules = await booking.with((token) => all(path, { token, signal }));
  const [only] = schedules;
  booking.manyDates = schedules.length > 1;
  if (!booking.manyDates && only?.seatsAvailable && !booking.choseDate) {
    booking.choseDate = true;
    return booking.seats(only);
  }
  section.append(
    h('h1', {}, t('dates.title')),
    timeToShop(booking, signal),
    h('ul', { class: 'cards' }, schedules.map((schedule) => card(booking, schedule))),
  );
  return undefined;
}
