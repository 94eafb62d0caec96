// One's reservations.

import { concertTitles } from './concert-titles.js';
import { h } from './dom.js';
import { clock, points, seatName } from './format.js';
import { loadList } from './list.js';
import { t } from './text.js';

function card(reservation, title) {
  const held = reservation.status === 'HELD';
  const target = held ? `/pages/concerts/${reservation.concertId}/book` : `/pages/tickets/${reservation.id}`;
  const opens = held || reservation.status === 'CONFIRMED';
  return h('li', { class: 'card' },
    h('h2', {}, opens ? h('a', { href: target, 'data-link': true }, title) : title),
    h('p', {}, reservation.seats.map(seatName).join(' · ')),
    h('p', {}, points(reservation.totalPrice)),
    h('p', { class: opens ? 'tag good' : 'tag' }, t(`status.${reservation.status}`, { at: clock(reservation.expiresAt) })));
}

export default async function page({ main, signal }) {
  const list = h('ul', { class: 'cards' });
  const more = await loadList('/reservations', signal, async (reservations) => {
    const titles = await concertTitles(reservations.map((item) => item.concertId), signal);
    list.append(...reservations.map((item) => card(item, titles.get(item.concertId))));
  });
  main.replaceChildren(
    h('h1', {}, t('tickets.title')),
    list.children.length ? list : h('p', {}, t('tickets.none')),
    more,
  );
}
