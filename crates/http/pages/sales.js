// How a concert sells, and the seat map of each of its dates.

import { get } from './api.js';
import { concertTitles } from './concert-titles.js';
import { columns, h } from './dom.js';
import { follow } from './events.js';
import { action } from './form.js';
import { moment, number, points } from './format.js';
import { repeat } from './repeat.js';
import { SeatMap } from './seat-map.js';
import { allOf, rangesOf } from './seat-changes.js';
import { failure } from './session.js';
import './staff-text.js';
import { t } from './text.js';

/** How often the figures are read anew, in milliseconds. */
const EVERY = 3000;
const FIGURES = ['sales.free', 'sales.held', 'sales.sold', 'sales.revenue'];

/** A live map that nothing can be chosen on. */
async function liveMap(scheduleId, signal, onProblem) {
  const path = `/schedules/${scheduleId}/seats`;
  const seats = await get(path, { signal });
  const map = new SeatMap(seats, () => {});
  follow({
    subject: `sales ${scheduleId}`,
    path: `${path}/events`,
    signal,
    take: (data) => {
      rangesOf(data, seats).forEach(([seat, status]) => map.setStatus(seat, status));
      return true;
    },
    poll: async (until) => ({ data: allOf(await get(path, { signal: until, attempts: 1 })), wait: 2000 }),
    snapshot: () => allOf(seats),
  }).catch((error) => !signal.aborted && onProblem(error));
  return map.element;
}

export default async function page({ main, params: [id], signal }) {
  const body = h('tbody');
  const place = h('section');
  const trouble = h('div');
  const connection = h('div');
  const onProblem = (error) => connection.replaceChildren(...(error ? [failure(error)] : []));
  let leaving = new AbortController();
  const show = async (date) => {
    leaving.abort();
    leaving = new AbortController();
    const map = await liveMap(date.scheduleId, AbortSignal.any([signal, leaving.signal]), onProblem);
    place.replaceChildren(h('h2', {}, moment(date.startsAt)), map, h('p', { id: 'seats-help', class: 'quiet' }, t('seats.look')));
  };
  const row = (date) => h('tr', {},
    h('th', { scope: 'row' }, moment(date.startsAt)),
    ...[date.free, date.held, date.sold].map((count) => h('td', { class: 'amount' }, number(count))),
    h('td', { class: 'amount' }, points(date.revenue)),
    h('td', {}, h('button', {
      type: 'button', id: `map-${date.scheduleId}`, 'aria-label': t('sales.show', { date: moment(date.startsAt) }), onclick: action(trouble, () => show(date)),
    }, t('sales.map'))));
  const refresh = async () => {
    const sales = await get(`/concerts/${id}/sales`, { signal });
    const focused = document.activeElement?.id;
    body.replaceChildren(...sales.map(row));
    if (focused?.startsWith('map-')) document.getElementById(focused)?.focus();
    return sales;
  };
  const [first] = await refresh();
  const titles = await concertTitles([id], signal);
  main.replaceChildren(
    h('h1', {}, `${t('sales.title')}: ${titles.get(id)}`),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': t('sales.title') }, h('table', {},
      columns(['sales.date', ...FIGURES, 'sales.map'], FIGURES), body)),
    connection, trouble, place,
  );
  if (first) await show(first);
  repeat(EVERY, signal, refresh, onProblem);
}
