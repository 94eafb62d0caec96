// One waiting room: how it goes, and steering it.

import { get, patch } from './api.js';
import { Chart } from './chart.js';
import { concertTitles } from './concert-titles.js';
import { field, form, h, notice, say } from './dom.js';
import { repeat } from './repeat.js';
import { stateOf } from './rooms.js';
import './staff-text.js';
import { t } from './text.js';

/** How often the figures are read anew, in milliseconds. */
const EVERY = 2000;
const NUMBERS = [
  ['capacity', 0, 1_000_000], ['admitBatch', 1, 1_000_000], ['admitIntervalSeconds', 1, 86_400],
  ['activeSeconds', 1, 86_400], ['idleSeconds', 1, 86_400],
];

/** The time that answers took since it was last asked, in milliseconds, from the server's metrics. */
function latencyMeter(signal) {
  let before;
  return async () => {
    const text = await (await fetch('/metrics', { signal })).text();
    const sum = (name) => [...text.matchAll(new RegExp(`^stagedoor_http_request_seconds_${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))]
      .reduce((total, [, value]) => total + Number(value), 0);
    const now = { seconds: sum('sum'), count: sum('count') };
    const answered = before && now.count - before.count;
    const mean = answered > 0 ? ((now.seconds - before.seconds) / answered) * 1000 : null;
    before = now;
    return mean === null ? null : Math.round(mean * 10) / 10;
  };
}

async function salesOf(room, signal) {
  if (!room.concertId) return { held: null, sold: null };
  const sales = await get(`/concerts/${room.concertId}/sales`, { signal });
  const sum = (name) => sales.reduce((total, date) => total + date[name], 0);
  return { held: sum('held'), sold: sum('sold') };
}

function steering(id, room, onChanged) {
  const numbers = NUMBERS.map(([name, min, max]) => field(t(`room.${name}`), {
    id: name, name, type: 'number', min, max, step: 1, inputmode: 'numeric', value: room.policy[name],
  }, name === 'capacity' && t('room.capacityHint')));
  const message = field(t('room.message'), {
    id: 'message', name: 'message', maxlength: 300, required: false, value: room.message,
  }, t('room.messageHint'));
  const save = async (values) => {
    const edit = Object.fromEntries(NUMBERS.map(([name]) => [name, Number(values[name])]));
    onChanged(await patch(`/rooms/${id}`, { ...edit, message: values.message }));
    say(t('room.saved'));
  };
  return form(save, t('room.save'), ...numbers, message);
}

export default async function page({ main, params: [id], signal }) {
  let room = await get(`/rooms/${id}`, { signal });
  const titles = await concertTitles([room.concertId].filter(Boolean), signal);
  const latency = latencyMeter(signal);
  const state = h('p', { class: 'tag' });
  const pauseButton = h('button', { type: 'button', class: 'primary' });
  const trouble = h('div');
  const charts = Object.fromEntries([
    ['waiting', 'rooms.waiting'], ['active', 'rooms.active'], ['admitted', 'room.admitted'],
    ['held', 'room.held'], ['sold', 'room.sold'], ['latency', 'room.latency'],
  ].map(([name, key]) => [name, new Chart(t(key))]));

  const learn = (changed) => {
    room = changed;
    state.textContent = stateOf(room);
    pauseButton.textContent = t(room.policy.paused ? 'room.resume' : 'room.pause');
  };
  const refresh = async () => {
    learn(await get(`/rooms/${id}`, { signal }));
    const [sales, took] = await Promise.all([salesOf(room, signal), latency()]);
    charts.waiting.add(room.waiting);
    charts.active.add(room.active);
    charts.admitted.add(room.admittedPerMinute === null ? null : Math.round(room.admittedPerMinute));
    charts.held.add(sales.held);
    charts.sold.add(sales.sold);
    charts.latency.add(took);
  };
  pauseButton.addEventListener('click', async () => {
    pauseButton.disabled = true;
    try {
      learn(await patch(`/rooms/${id}`, { paused: !room.policy.paused }));
      say(state.textContent);
    } catch (error) {
      trouble.replaceChildren(notice('error', error.message));
    } finally {
      pauseButton.disabled = false;
    }
  });

  await refresh();
  main.replaceChildren(
    h('h1', {}, titles.get(room.concertId) ?? t('rooms.site')),
    h('div', { class: 'row' }, state, pauseButton,
      room.concertId && h('a', { class: 'button', href: `/pages/concerts/${room.concertId}/sales`, 'data-link': true }, t('room.sales'))),
    trouble,
    h('div', { class: 'charts' }, Object.values(charts).map((chart) => chart.element)),
    h('section', { class: 'card' }, h('h2', {}, t('room.steer')), steering(id, room, learn)),
  );
  const lost = notice('error', t('room.lost'));
  repeat(EVERY, signal, refresh, (well) => trouble.replaceChildren(...(well ? [] : [lost])));
}
