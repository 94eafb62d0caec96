// Finding a person and what they reserved.

import { all, get } from './api.js';
import { concertTitles } from './concert-titles.js';
import { field, h } from './dom.js';
import { form } from './form.js';
import { clock, moment, points, seatName } from './format.js';
import './staff-text.js';
import { t } from './text.js';

const card = (reservation, title) => h('li', { class: 'card' },
  h('h3', {}, title),
  h('p', {}, reservation.seats.map(seatName).join(' · ')),
  h('p', {}, `${points(reservation.totalPrice)} · ${moment(reservation.createdAt)}`),
  h('p', { class: 'tag' }, t(`status.${reservation.status}`, { at: clock(reservation.expiresAt) })),
  h('p', { class: 'quiet' }, h('code', {}, reservation.id)));

async function found(email, signal) {
  const person = await get(`/users?email=${encodeURIComponent(email)}`, { signal }).catch((error) => {
    if (error.status === 404) return null;
    throw error;
  });
  if (!person) return [h('p', {}, t('people.none'))];
  const reservations = await all(`/reservations?userId=${person.id}`, { signal }, 100);
  const titles = await concertTitles(reservations.map((reservation) => reservation.concertId), signal);
  return [
    h('h2', {}, `${person.name} · ${person.email}`),
    h('p', { class: 'quiet' }, t('people.since', { at: moment(person.createdAt) })),
    reservations.length
      ? h('ul', { class: 'cards' }, reservations.map((reservation) => card(reservation, titles.get(reservation.concertId))))
      : h('p', {}, t('people.noReservations')),
  ];
}

export default function page({ main, signal }) {
  const results = h('section', { 'aria-live': 'polite' });
  const search = async ({ email }) => results.replaceChildren(...await found(email, signal));
  main.replaceChildren(
    h('h1', {}, t('people.title')),
    h('section', { class: 'narrow card' }, form(search, t('people.find'), [
      field(t('signIn.email'), { id: 'email', name: 'email', type: 'email', autocomplete: 'off' })])),
    results,
  );
}
