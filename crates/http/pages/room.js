// One waiting room: its figures and its controls.

import { get, patch } from './api.js';
import { Chart } from './chart.js';
import { concertTitles } from './concert-titles.js';
import { field, h, notice, say } from './dom.js';
import { action, form } from './form.js';
import { repeat } from './repeat.js';
import { stateOf } from './rooms.js';
import { failure } from './session.js';
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
    const response = await fetch('/metrics', { signal }).catch(() => undefined);
    if (!response?.ok) return null;
    const text = await response.text();
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

/** The form of a room's controls. It sends what was changed here and nothing else: another operator may have changed the rest. */
class Controls {
  constructor(id, room, onChanged) {
    this.id = id;
    this.onChanged = onChanged;
    this.saves = 0;
    const numbers = NUMBERS.map(([name, min, max]) => field(t(`room.${name}`), {
      id: name, name, type: 'number', min, max, step: 1, inputmode: 'numeric',
    }, name === 'capacity' && t('room.capacityHint')));
    const message = field(t('room.message'), { id: 'message', name: 'message', maxlength: 300, required: false }, t('room.messageHint'));
    this.others = h('div', { role: 'status' });
    this.element = form(() => this.save(), t('room.save'), [...numbers, message, this.others]);
    this.inputs = new Map([...this.element.querySelectorAll('input')].map((input) => [input.name, input]));
    this.known = this.valuesOf(room);
    this.inputs.forEach((input, name) => { input.value = this.known[name]; });
  }

  /** What the inputs show of a room. */
  valuesOf({ policy, message }) {
    return Object.fromEntries([...NUMBERS.map(([name]) => [name, String(policy[name])]), ['message', message]]);
  }

  /** Takes in what a room is like now: a field that is not being edited here follows, another one says so. */
  learn(room) {
    const newest = this.valuesOf(room);
    const conflicts = [];
    this.inputs.forEach((input, name) => {
      const isEdited = input.value !== this.known[name];
      if (!isEdited && document.activeElement !== input) input.value = newest[name];
      if (input.value === newest[name]) this.known[name] = newest[name];
      else if (isEdited && newest[name] !== this.known[name]) conflicts.push([name, newest[name]]);
    });
    const texts = conflicts.map(([name, value]) => t('room.changedElsewhere', { name: t(`room.${name}`), value: value || t('actions.nothing') }));
    const told = [...this.others.children].map((child) => child.textContent);
    if (told.join() !== texts.join()) this.others.replaceChildren(...texts.map((text) => notice('note', text)));
  }

  async save() {
    const entries = [...this.inputs].filter(([name, input]) => input.value !== this.known[name]);
    if (!entries.length) {
      say(t('room.nothing'));
      return;
    }
    const value = (name, { value }) => (name === 'message' ? value : Number(value));
    const edit = Object.fromEntries(entries.map(([name, input]) => [name, value(name, input)]));
    const room = await patch(`/rooms/${this.id}`, edit);
    this.saves += 1;
    entries.forEach(([name]) => { this.known[name] = String(edit[name]); });
    this.onChanged(room);
    say(t('room.saved'));
  }
}

export default async function page({ main, params: [id], signal }) {
  let room = await get(`/rooms/${id}`, { signal });
  const titles = await concertTitles([room.concertId].filter(Boolean), signal);
  const latency = latencyMeter(signal);
  const state = h('p', { class: 'tag' });
  const pauseButton = h('button', { type: 'button', class: 'primary' });
  const trouble = h('div');
  const connection = h('div');
  const charts = Object.fromEntries([
    ['waiting', 'rooms.waiting'], ['active', 'rooms.active'], ['admitted', 'room.admitted'],
    ['held', 'room.held'], ['sold', 'room.sold'], ['latency', 'room.latency'],
  ].map(([name, key]) => [name, new Chart(t(key))]));

  const learn = (changed) => {
    room = changed;
    controls.learn(room);
    state.textContent = stateOf(room);
    pauseButton.textContent = t(room.policy.paused ? 'room.resume' : 'room.pause');
  };
  const controls = new Controls(id, room, learn);
  const refresh = async () => {
    const { saves } = controls;
    const newest = await get(`/rooms/${id}`, { signal });
    // What was read before a change here is old.
    if (saves === controls.saves) learn(newest);
    const [sales, took] = await Promise.all([salesOf(room, signal), latency()]);
    charts.waiting.add(room.waiting);
    charts.active.add(room.active);
    charts.admitted.add(room.admittedPerMinute === null ? null : Math.round(room.admittedPerMinute));
    charts.held.add(sales.held);
    charts.sold.add(sales.sold);
    charts.latency.add(took);
  };
  pauseButton.addEventListener('click', action(trouble, async () => {
    learn(await patch(`/rooms/${id}`, { paused: !room.policy.paused }));
    controls.saves += 1;
    say(state.textContent);
  }));

  await refresh();
  main.replaceChildren(
    h('h1', {}, titles.get(room.concertId) ?? t('rooms.site')),
    h('div', { class: 'row' }, state, pauseButton,
      room.concertId && h('a', { class: 'button', href: `/pages/concerts/${room.concertId}/sales`, 'data-link': true }, t('room.sales'))),
    trouble, connection,
    h('div', { class: 'charts' }, Object.values(charts).map((chart) => chart.element)),
    h('section', { class: 'card' }, h('h2', {}, t('room.controls')), controls.element),
  );
  const lost = notice('error', t('room.lost'));
  repeat(EVERY, signal, refresh, (error) => {
    if (!error) connection.replaceChildren();
    else if (error.endsSession) connection.replaceChildren(failure(error));
    else if (!lost.isConnected) connection.replaceChildren(lost);
  });
}
