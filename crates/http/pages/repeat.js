// Doing something again and again while a page is shown.

import { pause } from './api.js';

/** Calls `tick` at once and every second until `signal` is aborted. */
export function everySecond(signal, tick) {
  const timer = setInterval(tick, 1000);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  tick();
}

/** Repeats `work` after so many milliseconds each until `signal` is aborted; `onState` hears whether it went well. */
export async function repeat(milliseconds, signal, work, onState = () => {}) {
  for (;;) {
    await pause(milliseconds, signal).catch(() => {});
    if (signal.aborted) return;
    await work().then(() => onState(true), () => onState(false));
  }
}
