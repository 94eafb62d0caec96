// Waiting in the queue.

import { now, remove } from './api.js';
import { h, say, set } from './dom.js';
import { about, clock, number } from './format.js';
import { action } from './form.js';
import { t } from './text.js';

export default function showLine(booking, section, signal) {
  const position = h('strong', { class: 'position' });
  const ahead = h('p', { class: 'ahead' });
  const waiting = h('p', { class: 'quiet' });
  const estimate = h('p');
  const progress = h('progress', { 'aria-label': t('line.progress'), max: 1 });
  const paused = h('p', { class: 'notice note', hidden: true }, t('line.paused'));
  const words = h('p', { class: 'text' });
  const message = h('div', { class: 'notice note', hidden: true }, h('strong', {}, t('line.message')), words);
  const keep = h('p');
  const state = h('p', { class: 'notice error', hidden: true });
  const first = booking.joinedAt;
  /** Whether the page says that it was away. */
  let returned = false;

  booking.onPlace = (place) => {
    position.textContent = number(place.position);
    ahead.textContent = place.ahead ? t('line.ahead', { n: number(place.ahead) }) : t('line.next');
    waiting.textContent = t('line.waiting', { n: number(place.waiting) });
    const seconds = place.estimatedWaitSeconds;
    estimate.textContent = seconds === null ? t('line.noEstimate') : t('line.estimate', { time: about(seconds) });
    estimate.hidden = Boolean(place.paused);
    paused.hidden = !place.paused;
    if (words.textContent !== (place.message ?? '')) {
      words.textContent = place.message ?? '';
      if (place.message) say(place.message);
    }
    message.hidden = !place.message;
    progress.value = first > 1 ? (first - place.position) / (first - 1 || 1) : 0;
    keep.textContent = t('line.keep', { time: about((Date.parse(place.expiresAt) - now()) / 1000) });
    document.title = `(${number(place.position)}) ${booking.concert.title}`;
    sayNowAndThen(ahead.textContent);
  };
  booking.onState = (connection, away) => {
    if (connection === 'live' && !away) {
      if (!returned) state.hidden = true;
      return;
    }
    returned = Boolean(away);
    const text = away ? t('line.back', { time: about(away / 1000) }) : t('line.lost', { at: clock(booking.place.expiresAt) });
    if (!state.hidden && state.textContent === text) return;
    state.hidden = false;
    set(state, { class: `notice ${away ? 'note' : 'error'}`, role: away ? 'status' : 'alert' });
    state.textContent = text;
  };

  const leave = h('button', { type: 'button', class: 'plain' }, t('line.leave'));
  const trouble = h('div');
  leave.addEventListener('click', action(trouble, async () => {
    if (!confirm(t('line.leaveSure'))) return;
    await booking.with((token) => remove('/queue-tokens/me', { token, signal }));
    booking.isOver({ reason: 'LEFT' });
  }));
  section.classList.add('narrow', 'card');
  section.append(
    h('h1', {}, t('line.title')),
    state, message, paused,
    h('p', { class: 'quiet' }, t('line.position')), position, ahead, progress, estimate, waiting, keep,
    trouble, h('div', { class: 'row' }, notifyButton(), leave),
  );
}

/** Screen readers announce the progress of the queue, but not every second. */
let lastSaid = 0;
function sayNowAndThen(text) {
  if (Date.now() - lastSaid < 15_000) return;
  lastSaid = Date.now();
  say(text);
}

let audio;
let wanted = false;

function notifyButton() {
  const button = h('button', { type: 'button', 'aria-pressed': String(wanted) }, t(wanted ? 'line.notifyOn' : 'line.notify'));
  button.addEventListener('click', async () => {
    wanted = !wanted;
    set(button, { 'aria-pressed': String(wanted) });
    button.textContent = t(wanted ? 'line.notifyOn' : 'line.notify');
    if (!wanted) return;
    // A page may only play a sound after the user's own click.
    audio ??= new AudioContext();
    await globalThis.Notification?.requestPermission();
  });
  return button;
}

/** Notifies a user who asked for it that it is their turn. */
export function announceTurn() {
  say(t('line.yourTurn'));
  document.title = `● ${t('line.yourTurn')}`;
  if (!wanted) return;
  chime();
  if (globalThis.Notification?.permission !== 'granted') return;
  try {
    const note = new Notification(t('line.yourTurn'), { tag: 'stagedoor' });
    note.addEventListener('click', () => { focus(); note.close(); });
  } catch (error) {
    // Android's browsers have no notifications by a page itself; the sound and the title tell it there.
    console.warn(error);
  }
}

function chime() {
  for (const [pitch, at] of [[660, 0], [880, 0.25]]) {
    const tone = new OscillatorNode(audio, { frequency: pitch });
    const volume = new GainNode(audio, { gain: 0.2 });
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + at);
    tone.stop(audio.currentTime + at + 0.2);
  }
}
