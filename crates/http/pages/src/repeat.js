// Doing something again and again while a page is shown.

import { pause } from './api.js';

/**
 * Repeats `work` at intervals of `milliseconds` until `signal` is aborted or the session has ended.
 * `onProblem` gets the failure, or nothing after a success. A page that is looked at again repeats it at once.
 */
export async function repeat(milliseconds, signal, work, onProblem) {
  for (let wait = milliseconds; ;) {
    await pauseUntilSeen(wait, signal);
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

async function pauseUntilSeen(milliseconds, signal) {
  const seen = new AbortController();
  const look = () => { if (document.visibilityState === 'visible') seen.abort(); };
  document.addEventListener('visibilitychange', look);
  addEventListener('online', look);
  await pause(milliseconds, AbortSignal.any([signal, seen.signal])).catch(() => {});
  document.removeEventListener('visibilitychange', look);
  removeEventListener('online', look);
}
