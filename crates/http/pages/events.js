// Server-sent events with a token in the header, which EventSource cannot send.

import { pause, request } from './api.js';

/** How long a stream may be silent before it counts as dead; the server breaks its silence every 15 s. */
const SILENCE_MAX = 25_000;

/** The events of one stream: `{event, data}`, data parsed. Ends when it fell silent, throws when it was lost. */
async function* stream(path, options) {
  const response = await request('GET', path, { ...options, headers: { accept: 'text/event-stream' } });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let timer;
  const end = () => reader.cancel();
  addEventListener('offline', end);
  try {
    for (;;) {
      clearTimeout(timer);
      timer = setTimeout(end, SILENCE_MAX);
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      const blocks = text.split('\n\n');
      text = blocks.pop();
      for (const block of blocks) {
        const found = parse(block);
        if (found) yield found;
      }
    }
  } finally {
    clearTimeout(timer);
    removeEventListener('offline', end);
    reader.cancel().catch(() => {});
  }
}

function parse(block) {
  const found = { event: 'message', data: '' };
  for (const line of block.split('\n')) {
    const [, name, value] = line.match(/^(event|data): ?(.*)$/) ?? [];
    if (name === 'event') found.event = value;
    if (name === 'data') found.data += value;
  }
  return found.data && { event: found.event, data: JSON.parse(found.data) };
}

/**
 * Follows something until `signal` is aborted or `take` answers false: by the event stream at
 * `path`, and while there is none by `poll`, which answers in how many milliseconds to call it
 * again. `onState` hears `live`, `polling` and `lost`.
 */
export async function follow({ path, token, signal, take, poll, onState }) {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      for await (const { event, data } of stream(path, { token, signal })) {
        attempt = 0;
        onState('live');
        if (!take(event, data)) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
    }
    const wait = await once(poll, onState, signal);
    if (wait === null) return;
    await pause(wait + Math.random() * Math.min(1000 * attempt, 5000), signal).catch(() => {});
  }
}

async function once(poll, onState, signal) {
  try {
    const wait = await poll();
    onState('polling');
    return wait;
  } catch (error) {
    if (signal.aborted) return null;
    if (error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
    onState('lost');
    return (error.retryAfterSeconds ?? 2) * 1000;
  }
}
