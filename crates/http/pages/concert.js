// One concert, and the way into its queue.

import { get } from './api.js';
import { h } from './dom.js';
import { date } from './format.js';
import { signedIn } from './session.js';
import { t } from './text.js';

/** Whether booking is open; if not, since when or from when. */
export function bookingState({ bookable, bookingOpensAt }) {
  const closed = bookingOpensAt ? t('dates.notYet', { at: date(bookingOpensAt) }) : t('concert.closed');
  return h('p', { class: bookable ? 'tag good' : 'tag' }, bookable ? t('concert.open') : closed);
}

export default async function page({ main, params: [id], signal }) {
  const concert = await get(`/concerts/${id}`, { signal });
  const book = `/pages/concerts/${id}/book`;
  const target = signedIn() ? book : `/pages/sign-in?next=${encodeURIComponent(book)}`;
  const dates = concert.nextDates.map((next) => h('li', {}, date(next)));
  main.replaceChildren(h('article', { class: 'card' },
    h('h1', {}, concert.title),
    bookingState(concert),
    concert.description && h('p', { class: 'text' }, concert.description),
    h('h2', {}, t('concert.dates')),
    dates.length ? h('ul', {}, dates) : h('p', {}, t('concert.noDates')),
    (concert.bookable || concert.bookingOpensAt) && h('a', { class: concert.bookable ? 'button primary' : 'button', href: target, 'data-link': true },
      t(concert.bookable ? (signedIn() ? 'concert.book' : 'concert.signIn') : 'concert.await'))));
}
