// One concert, and the door to its line.

import { signedIn } from './app.js';
import { get } from './api.js';
import { h } from './dom.js';
import { date } from './format.js';
import { t } from './text.js';

export default async function page({ main, params: [id], signal }) {
  const concert = await get(`/concerts/${id}`, { signal });
  const book = `/pages/concerts/${id}/book`;
  const target = signedIn() ? book : `/pages/sign-in?next=${encodeURIComponent(book)}`;
  const dates = concert.nextDates.map((next) => h('li', {}, date(next)));
  main.replaceChildren(h('article', { class: 'card' },
    h('h1', {}, concert.title),
    h('p', { class: concert.bookable ? 'tag good' : 'tag' }, t(concert.bookable ? 'concert.open' : 'concert.closed')),
    concert.description && h('p', { class: 'text' }, concert.description),
    h('h2', {}, t('concert.dates')),
    dates.length ? h('ul', {}, dates) : h('p', {}, t('concert.noDates')),
    concert.bookable && h('a', { class: 'button primary', href: target, 'data-link': true },
      t(signedIn() ? 'concert.book' : 'concert.signIn'))));
}
