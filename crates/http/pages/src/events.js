// Following something that changes: one tab of the browser asks, the others hear it from that tab.
//
// A browser has six connections to a server (HTTP/1.1), so all its tabs together hold one event stream
// at most; what it is not used for is asked for from time to time. Events come by `fetch`, because
// EventSource cannot send a token.

import { Problem, pause, request } from './api.js';

/** How long a stream or a leading tab may be silent before it counts as dead, in milliseconds. */
const SILENCE_MAX = 25_000;
/** How long a stream may take to say the first thing, in milliseconds. A proxy that holds it back lets nothing through. */
const FIRST_MAX = 3000;
/** After how long a stream that never said anything is tried again, in milliseconds. */
const SILENT_FOR = 60_000;
/** How often the server breaks the silence of a stream at least, in milliseconds. */
const BEATS_EVERY = 15_000;
/** How often a leading tab says that it is there, in milliseconds. */
const BEAT = 5000;
/** How long the page was asleep or cut off, in milliseconds, before that is worth a word. */
const AWAY_MIN = 60_000;
/** The lock of the browser's one event stream. */
const STREAM = 'stagedoor stream';

/** The data of the events of one stream, and nothing for a heartbeat. Ends when it breaks off or falls silent. */
async function* stream(path, options) {
  const response = await request('GET', path, { ...options, attempts: 1, headers: { accept: 'text/event-stream' } });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const next = async () => {
    // A stream that has failed meanwhile needs no cancelling: reading it says so.
    const timer = setTimeout(() => reader.cancel().catch(() => {}), SILENCE_MAX);
    try {
      return await reader.read();
    } catch {
      // A stream that breaks off has ended, like one that the server closes.
      return { done: true };
    } finally {
      clearTimeout(timer);
    }
  };
  let text = '';
  for (let read = await next(); !read.done; read = await next()) {
    text += read.value;
    const blocks = text.split('\n\n');
    text = blocks.pop();
    for (const block of blocks) yield parse(block);
  }
}

function parse(block) {
  const data = block.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5)).join('\n');
  return data ? JSON.parse(data) : undefined;
}

/** What all tabs that follow one subject do: one leads and asks, all take what it hears. */
class Follower {
  constructor(options) {
    this.options = { rest: 0, wantsStream: () => true, onState: () => {}, ...options };
    this.heardAt = Date.now();
    this.failures = 0;
    this.silentUntil = 0;
    this.turn = new AbortController();
    this.wake = new AbortController();
  }

  async run() {
    const { subject } = this.options;
    this.channel = new BroadcastChannel(`stagedoor ${subject}`);
    this.channel.addEventListener('message', ({ data }) => this.hear(data));
    this.channel.postMessage({ asks: true });
    const wake = () => this.awake();
    const offline = () => this.wake.abort();
    const timer = setInterval(() => this.watch(), BEAT);
    addEventListener('online', wake);
    addEventListener('offline', offline);
    document.addEventListener('visibilitychange', wake);
    try {
      while (!this.isOver()) await this.takeTurn();
    } finally {
      clearInterval(timer);
      removeEventListener('online', wake);
      removeEventListener('offline', offline);
      document.removeEventListener('visibilitychange', wake);
      this.channel.close();
    }
  }

  isOver() { return this.ended || this.options.signal.aborted; }

  /** Waits until no other tab leads, and leads. */
  async takeTurn() {
    const turn = new AbortController();
    this.turn = turn;
    const signal = AbortSignal.any([this.options.signal, turn.signal]);
    const lead = () => this.lead(signal);
    // Without TLS there are no locks: every tab asks for itself, and none holds a stream.
    if (!navigator.locks) return lead();
    const steal = this.steals;
    this.steals = false;
    try {
      await navigator.locks.request(`stagedoor ${this.options.subject}`, steal ? { steal } : { signal }, lead);
    } catch (error) {
      if (error.name !== 'AbortError') throw error;
    } finally {
      turn.abort();
    }
    return undefined;
  }

  async lead(signal) {
    this.leads = true;
    const beat = setInterval(() => this.channel.postMessage({ beats: true }), BEAT);
    try {
      let { rest } = this.options;
      while (!signal.aborted && !this.isOver()) {
        if (this.options.wantsStream()) await this.streamIfFree(signal);
        if (signal.aborted || this.isOver()) return;
        const wait = rest || await this.ask(signal);
        rest = 0;
        if (signal.aborted || this.isOver()) return;
        this.wake = new AbortController();
        await pause(wait + Math.random() * Math.min(1000 * this.failures, 5000), AbortSignal.any([signal, this.wake.signal])).catch(() => {});
      }
    } finally {
      this.leads = false;
      clearInterval(beat);
    }
  }

  /** Takes in the browser's event stream, unless another subject has it. */
  async streamIfFree(signal) {
    if (!navigator.locks || Date.now() < this.silentUntil) return;
    await navigator.locks.request(STREAM, { ifAvailable: true }, (lock) => lock && this.stream(signal));
  }

  async stream(signal) {
    const { path, token = () => {}, wantsStream } = this.options;
    this.wake = new AbortController();
    this.streams = true;
    const end = new AbortController();
    const until = AbortSignal.any([signal, this.wake.signal, end.signal]);
    const timer = setTimeout(() => {
      this.silentUntil = Date.now() + SILENT_FOR;
      end.abort();
    }, FIRST_MAX);
    try {
      for await (const data of stream(path, { token: token(), signal: until })) {
        clearTimeout(timer);
        this.failures = 0;
        this.found(data);
        if (this.isOver() || !wantsStream()) return;
      }
    } catch (error) {
      // Whatever the stream was refused for, `poll` follows: it renews a token, and throws what is refused finally.
      if (!until.aborted && !(error instanceof Problem)) throw error;
    } finally {
      clearTimeout(timer);
      end.abort();
      this.streams = false;
    }
    this.failures += 1;
  }

  /** Asks once; answers in how many milliseconds to ask again. */
  async ask(signal) {
    try {
      const { data, wait } = await this.options.poll(signal);
      this.found(data);
      return wait;
    } catch (error) {
      if (signal.aborted) return 0;
      if (!error.passes) throw error;
      this.failures += 1;
      this.channel.postMessage({ state: 'lost' });
      this.options.onState('lost');
      return (error.retryAfterSeconds ?? 2) * 1000;
    }
  }

  /** What this tab heard from the server, if it is news, for itself and the others. */
  found(data) {
    this.channel.postMessage({ data, state: 'live' });
    this.hear({ data, state: 'live' });
  }

  /** What a tab says, or this one found. */
  hear({ data, state, asks }) {
    if (this.isOver()) return;
    if (asks) {
      if (this.leads) this.channel.postMessage({ data: this.options.snapshot(), state: 'live' });
      return;
    }
    const away = Date.now() - this.heardAt;
    this.heardAt = Date.now();
    if (state) this.options.onState(state, state === 'live' && away > AWAY_MIN ? away : 0);
    if (data && !this.options.take(data)) {
      this.ended = true;
      this.turn.abort();
    }
  }

  /** The page is seen again, or there is a connection again: asks at once unless it just heard something. */
  awake() {
    if (document.visibilityState !== 'visible') return;
    if (this.streams && Date.now() - this.heardAt < BEATS_EVERY) return;
    if (this.leads) this.wake.abort();
    else this.channel.postMessage({ asks: true });
  }

  /** Takes the lead from a tab that sleeps, while this one is looked at. */
  watch() {
    if (this.leads || document.visibilityState !== 'visible' || Date.now() - this.heardAt < SILENCE_MAX) return;
    this.steals = true;
    this.turn.abort();
  }
}

/**
 * Follows something until `signal` is aborted or `take` answers false; throws what the server finally
 * refuses. `subject` names it among the tabs of the browser, `token()` gives the queue token. It comes by the event stream at `path` while
 * `wantsStream()`, else by `poll`, which answers `{data, wait}` with the milliseconds until it is called
 * again, for the first time after `rest` milliseconds. `snapshot` gives all that is known to a tab that comes late. `onState` hears `live`, with the
 * milliseconds that the page was away, and `lost`.
 */
export const follow = (options) => new Follower(options).run();
