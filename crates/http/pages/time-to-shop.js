// How long one may still shop.

import { now } from './api.js';
import { h } from './dom.js';
import { countdown } from './format.js';
import { everySecond } from './repeat.js';
import { t } from './text.js';

/** A line that counts down the time of the queue token. */
export function timeToShop(booking, signal) {
  const line = h('p', { class: 'quiet', role: 'timer' });
  everySecond(signal, () => {
    line.textContent = t('dates.timeLeft', { time: countdown(Date.parse(booking.place.expiresAt) - now()) });
  });
  return line;
}
