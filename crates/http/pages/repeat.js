// Doing something again and again while a page is shown.

import { pause } from './api.js';

/** Calls `tick` at once and every second until `signal` is aborted. */
export function everySecond(signal, tick) {
  const timer = setInterval(tick, 1000);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  tick();
}

/**
 * Repeats `work` at intervals of `milliseconds` until `signal` is aborted or the session has ended.
 * `onProblem` gets the failure, or nothing after a success.
 */
export async function repeat(milliseconds, signal, work, onProblem) {
  for (let wait = milliseconds; ;) {
    await pause(wait, signal).catch(() => {});
    if (signal.aborted) return;
    wait = milliseconds;
    try {
      await work();
      onProblem();
    } catch (error) {
      if (signal.aborted) return;
      onProblem(error);
      if (error.endsSession) return;
      wait = Math.max(wait, (error.retryAfterSeconds ?? 0) * 1000);
    }
  }
}
