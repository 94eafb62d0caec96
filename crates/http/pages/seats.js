// Choosing seats on a map that others choose on too.

import { get, post, request } from './api.js';
import { h, notice, say } from './dom.js';
import { follow } from './events.js';
import { date, number, points, seatName } from './format.js';
import { allOf, rangesOf } from './seat-changes.js';
import { SeatMap, describe } from './seat-map.js';
import { failure } from './session.js';
import { t } from './text.js';
import { timeToShop } from './time-to-shop.js';

/** The most seats of one reservation. */
const SEATS_MAX = 4;
/** How often to ask for the seats while there is no event stream, in milliseconds. */
const POLL_EVERY = 1000;

export default async function showSeats(booking, section, signal, schedule) {
  const path = `/schedules/${schedule.id}/seats`;
  let tag;

  /** Reads all seats; nothing if they are as they were. */
  async function read(options) {
    const read = async (response) => {
      if (response.status === 304) return undefined;
      const seats = await response.json();
      tag = response.headers.get('etag');
      return seats;
    };
    const headers = tag && { 'if-none-match': tag };
    return booking.with((token) => request('GET', path, { signal, ...options, token, headers, read }));
  }
  const seats = await read();
  const chosen = new Map();
  const map = new SeatMap(seats, toggle);

  const list = h('ul', { class: 'chosen' });
  const total = h('strong');
  const left = h('p', { class: 'quiet' });
  const trouble = h('div');
  const state = h('p', { class: 'notice error', hidden: true }, t('seats.updatesLost'));
  const hold = h('button', { type: 'button', class: 'primary', onclick: () => take({ seatIds: [...chosen.values()].map((seat) => seat.id) }) }, t('seats.hold'));

  function toggle(seat) {
    if (chosen.has(seat.number)) {
      chosen.delete(seat.number);
    } else if (chosen.size === SEATS_MAX) {
      trouble.replaceChildren(notice('error', t('seats.max')));
      return;
    } else {
      chosen.set(seat.number, seat);
    }
    trouble.replaceChildren();
    showChoice();
    say(describe(seat, map.stateOf(seat)));
  }

  function showChoice() {
    map.setChosen(chosen.keys());
    list.replaceChildren(...[...chosen.values()].map((seat) => h('li', {},
      h('span', {}, seatName(seat)), h('span', {}, points(seat.price)),
      h('button', { type: 'button', class: 'plain', 'aria-label': t('seats.drop', { seat: seatName(seat) }), onclick: () => toggle(seat) }, '✕'))));
    if (!chosen.size) list.append(h('li', { class: 'quiet' }, t('seats.none')));
    total.textContent = points([...chosen.values()].reduce((sum, seat) => sum + seat.price, 0));
    hold.disabled = chosen.size === 0;
  }

  /** Takes in what became of seats; what others were faster at leaves the choice. */
  function learn(changes) {
    changes.forEach(([seat, status]) => map.setStatus(seat, status));
    left.textContent = t('seats.left', { n: number(seats.filter((seat) => seat.status === 'FREE').length) });
    if (holding) return;
    const lost = [...chosen.values()].filter((seat) => seat.status !== 'FREE');
    if (!lost.length) return;
    lost.forEach((seat) => chosen.delete(seat.number));
    trouble.replaceChildren(notice('error', t('seats.lost', { seats: lost.map(seatName).join(', ') })));
    showChoice();
  }

  async function poll(until) {
    const newest = await read({ signal: until, attempts: 1 });
    return { data: newest && allOf(newest), wait: POLL_EVERY };
  }

  /** Goes on with seats that are held for oneself already, whatever became of the answer that said so. */
  async function resume(error) {
    const id = error.code === 'ALREADY_HELD' && error.body.reservationId;
    const own = id
      ? await booking.with((token) => get(`/reservations/${id}`, { token, signal }))
      : await booking.ownHold();
    if (own?.status !== 'HELD' || own.scheduleId !== schedule.id) return false;
    booking.heldBefore = own.id;
    await booking.checkout(own);
    return true;
  }

  async function refused(error) {
    if (error.code === 'TOKEN_EXPIRED' || error.code === 'TOKEN_WAITING') {
      await booking.failed(error, () => booking.seats(schedule));
      return;
    }
    try {
      if ((error.status === 409 || error.passes) && await resume(error)) return;
      const newest = await read();
      holding = false;
      trouble.replaceChildren(failure(error));
      if (newest) learn(rangesOf(allOf(newest), seats));
    } catch (another) {
      if (!signal.aborted) trouble.replaceChildren(failure(error), failure(another));
    }
  }

  let holding = false;
  async function take(choice) {
    if (holding) return;
    holding = true;
    hold.disabled = true;
    trouble.replaceChildren();
    try {
      const body = { scheduleId: schedule.id, ...choice };
      const reservation = await booking.with((token) => post('/reservations', body, { token, signal }));
      await booking.checkout(reservation);
    } catch (error) {
      if (!signal.aborted) await refused(error);
    } finally {
      holding = false;
      hold.disabled = chosen.size === 0;
    }
  }

  follow({
    subject: `seats ${schedule.id}`,
    path: `${path}/events`,
    token: () => booking.token,
    signal,
    take: (data) => { learn(rangesOf(data, seats)); return true; },
    poll,
    snapshot: () => allOf(seats),
    onState: (connection) => { state.hidden = connection !== 'lost'; },
  }).catch((error) => !signal.aborted && booking.failed(error, () => booking.seats(schedule)));

  showChoice();
  learn([]);
  section.append(
    h('h1', {}, t('seats.title')),
    h('p', {}, date(schedule.startsAt)),
    timeToShop(booking, signal), state,
    h('div', { class: 'columns' },
      h('div', {}, best(take), toolbar(map), map.element,
        legend(map), h('p', { id: 'seats-help', class: 'quiet' }, t('seats.help'))),
      h('aside', { class: 'card', 'aria-label': t('seats.chosen') },
        h('h2', {}, t('seats.chosen')), left, list,
        h('p', { class: 'lines total' }, h('span', {}, t('seats.total')), total),
        trouble, hold,
        booking.manyDates && h('button', { type: 'button', class: 'plain', onclick: () => booking.dates() }, t('dates.other')))),
  );
}

/** The seats next to each other that the server thinks best. */
function best(take) {
  const count = h('select', { id: 'best-count' }, [1, 2, 3, 4].map((n) => h('option', { value: n, selected: n === 2 }, n)));
  return h('form', {
    class: 'row',
    onsubmit: (event) => {
      event.preventDefault();
      take({ bestAvailable: Number(count.value) });
    },
  }, h('strong', {}, t('seats.best')), h('label', { for: 'best-count' }, t('seats.bestCount')), count, h('button', {}, t('seats.take')));
}

function toolbar(map) {
  const button = (key, sign, act) => h('button', { type: 'button', 'aria-label': t(key), title: t(key), onclick: act }, sign);
  return h('div', { class: 'row tools', role: 'group', 'aria-label': t('seats.map') },
    button('seats.zoomIn', '+', () => map.zoom(1.5)),
    button('seats.zoomOut', '−', () => map.zoom(1 / 1.5)),
    h('button', { type: 'button', onclick: () => map.whole() }, t('seats.whole')));
}

function legend(map) {
  const sample = (kind, text) => h('li', {}, h('span', { class: `sample ${kind}`, 'aria-hidden': 'true' }), text);
  return h('ul', { class: 'legend' },
    map.prices.map((price, index) => sample(`price-${Math.min(index, 3)}`, `${t('seats.free')} · ${points(price)}`)),
    sample('mine', t('seats.mine')), sample('taken', t('seats.taken')));
}
