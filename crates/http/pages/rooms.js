// The waiting rooms.

import { all } from './api.js';
import { concertTitles } from './concert-titles.js';
import { columns, h } from './dom.js';
import { number } from './format.js';
import { repeat } from './repeat.js';
import { failure } from './session.js';
import './staff-text.js';
import { t } from './text.js';

/** How often the figures are read anew, in milliseconds. */
const EVERY = 3000;

export function stateOf({ policy }) {
  if (policy.paused) return t('rooms.paused');
  return t(policy.capacity ? 'rooms.open' : 'rooms.closed');
}

const row = (room, title) => h('tr', {},
  h('th', { scope: 'row' }, h('a', { href: `/pages/rooms/${room.id}`, 'data-link': true }, title)),
  h('td', { class: 'amount' }, number(room.waiting)),
  h('td', { class: 'amount' }, number(room.active)),
  h('td', {}, stateOf(room)));

export default async function page({ main, signal }) {
  const body = h('tbody');
  const connection = h('div');
  const refresh = async () => {
    const rooms = await all('/rooms', { signal });
    const titles = await concertTitles(rooms.map((room) => room.concertId).filter(Boolean), signal);
    const focused = document.activeElement?.getAttribute('href');
    body.replaceChildren(...rooms.map((room) => row(room, titles.get(room.concertId) ?? t('rooms.site'))));
    if (focused) body.querySelector(`a[href="${focused}"]`)?.focus();
  };
  await refresh();
  main.replaceChildren(
    h('h1', {}, t('rooms.title')),
    connection,
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': t('rooms.title') },
      h('table', {}, columns(['rooms.room', 'rooms.waiting', 'rooms.active', 'rooms.state'], ['rooms.waiting', 'rooms.active']), body)),
  );
  repeat(EVERY, signal, refresh, (error) => connection.replaceChildren(...(error ? [failure(error)] : [])));
}
