// How long one may still shop.

import { now } from './api.js';
import { h } from './dom.js';
import { countdown } from './format.js';
import { t } from './text.js';

/** Calls `tick` every second until `signal` is aborted. */
export function everySecond(signal, tick) {
  const timer = setInterval(tick, 1000);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  tick();
}

/** A line that counts down the time of the queue token. */
export function timeToShop(booking, signal) {
  const line = h('p', { class: 'quiet', role: 'timer' });
  everySecond(signal, () => {
    line.textContent = t('dates.timeLeft', { time: countdown(Date.parse(booking.place.expiresAt) - now()) });
  });
  return line;
}
