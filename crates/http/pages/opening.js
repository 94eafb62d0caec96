// Before booking opens: no user is in line yet.

import { get, now } from './api.js';
import { h } from './dom.js';
import { countdown, date } from './format.js';
import { everySecond } from './repeat.js';
import { t } from './text.js';

export default function showOpening(booking, section, signal) {
  const left = h('p', { class: 'countdown', role: 'timer' });
  const opens = h('strong');
  let asking = false;

  /** The server says whether it has opened: clocks differ. */
  const ask = async () => {
    const concert = await get(`/concerts/${booking.concert.id}`, { signal });
    Object.assign(booking.concert, concert);
    asking = false;
    if (concert.bookable || !(Date.parse(concert.bookingOpensAt) > now())) await booking.join();
  };
  everySecond(signal, () => {
    const { bookingOpensAt } = booking.concert;
    opens.textContent = date(bookingOpensAt);
    const remaining = Date.parse(bookingOpensAt) - now();
    left.textContent = t('opening.left', { time: countdown(remaining) });
    if (remaining > 0 || asking) return;
    asking = true;
    booking.retry(ask);
  });
  section.classList.add('narrow', 'card');
  section.append(
    h('h1', {}, t('opening.title')),
    h('p', {}, t('opening.at'), ' ', opens),
    left,
    h('p', {}, t('opening.itself')),
    h('p', {}, h('a', { href: `/pages/concerts/${booking.concert.id}`, 'data-link': true }, t('opening.back'))),
  );
}
