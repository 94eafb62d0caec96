// A ticket that is paid for.

import { get, now, post } from './api.js';
import { go } from './app.js';
import { h } from './dom.js';
import { action } from './form.js';
import { date, moment, points, seatName } from './format.js';
import { t } from './text.js';

/** The way to give a paid ticket back, as long as there is one. */
function cancellation(ticket) {
  const until = ticket.cancellationClosesAt;
  if (!until || Date.parse(until) <= now()) return undefined;
  const trouble = h('div');
  const cancel = action(trouble, async () => {
    if (!confirm(t('ticket.cancelSure', { price: points(ticket.totalPrice) }))) return;
    await post(`/reservations/${ticket.id}/cancellation`);
    await go(`/pages/tickets/${ticket.id}`, { replace: true });
  });
  return h('div', {},
    h('p', { class: 'quiet' }, t('ticket.cancelUntil', { at: moment(until) })), trouble,
    h('button', { type: 'button', class: 'plain', onclick: cancel }, t('ticket.cancel')));
}

export default async function page({ main, params: [id], signal }) {
  const ticket = await get(`/reservations/${id}`, { signal });
  const concert = await get(`/concerts/${ticket.concertId}`, { signal });
  const paid = ticket.status === 'CONFIRMED';
  main.replaceChildren(h('article', { class: 'card ticket' },
    h('h1', {}, t('ticket.title')),
    h('h2', {}, concert.title),
    ticket.startsAt && h('p', {}, date(ticket.startsAt)),
    h('ul', {}, ticket.seats.map((seat) => h('li', {}, seatName(seat)))),
    h('p', {}, t('ticket.paid'), ' ', h('strong', {}, points(ticket.totalPrice))),
    paid
      ? h('img', { class: 'qr', src: `/api/v1/reservations/${id}/qr-code`, width: 240, height: 240, alt: t('ticket.qr', { id }) })
      : h('p', { class: 'tag' }, t(`status.${ticket.status}`)),
    paid && h('p', {}, t('ticket.show')),
    h('p', { class: 'quiet' }, t('ticket.id'), ' ', h('code', {}, id)),
    paid && cancellation(ticket)));
}
