// The live states of a date's seats, from before its map is drawn until it is left.

import { pause } from './api.js';
import { follow } from './events.js';
import { readStates } from './seat-reads.js';

/** How often to ask for the seats while there is no event stream, in milliseconds. */
const POLL_EVERY = 1000;
/** How long the first states may take to be heard before they are read, in milliseconds. */
const FIRST_MAX = 2000;

export class SeatFeed {
  /** What was heard before there was a map: the states of all seats, and changes of them. */
  early = [];
  isLost = false;

  constructor(booking, schedule, signal) {
    Object.assign(this, { booking, schedule, signal });
    /** Resolves when the states of all seats are known; rejects when they cannot be. */
    this.known = new Promise((resolve, reject) => { Object.assign(this, { resolve, reject }); });
    // It may be refused before it is waited for.
    this.known.catch(() => {});
    signal.addEventListener('abort', () => this.reject(signal.reason));
    this.follow().catch((error) => this.failed(error));
    this.readFirst().catch((error) => this.reject(error));
  }

  follow() {
    const { booking, schedule, signal } = this;
    return follow({
      subject: `seats ${schedule.id}`,
      path: `/schedules/${schedule.id}/seats/events?states=true`,
      token: () => booking.token,
      signal,
      take: (news) => { this.take(news); return true; },
      poll: async (until) => ({ data: await this.read({ signal: until, attempts: 1 }), wait: POLL_EVERY }),
      snapshot: () => this.choice?.states.snapshot(),
      onState: (connection) => {
        this.isLost = connection === 'lost';
        this.choice?.changed();
      },
    });
  }

  /** Reads the states where none are heard: a proxy may hold the events back, or the tab that should pass them on may be asleep. */
  async readFirst() {
    const { booking, schedule, signal } = this;
    await pause(FIRST_MAX, signal);
    if (this.early.length) return;
    const newest = await booking.with((token) => readStates(schedule.id, { signal, token }));
    if (!this.early.length) this.take(newest);
  }

  /** Reads the states of all seats; nothing if they are those that were read last. */
  async read(options) {
    const { booking, schedule, signal, tag } = this;
    const newest = await booking.with((token) => readStates(schedule.id, { signal, ...options, token, tag }));
    this.tag = newest?.tag ?? tag;
    return newest;
  }

  take(news) {
    if (this.choice) {
      this.choice.learn(news);
      return;
    }
    // Changes mean nothing before all states are known.
    if (news.states !== undefined) this.early = [news];
    else if (this.early.length) this.early.push(news);
    if (this.early.length) this.resolve();
  }

  /** Tells a choice of seats what is heard from now on, after the changes that it has missed. */
  tell(choice) {
    if (this.error) throw this.error;
    this.choice = choice;
    this.early.slice(1).forEach((news) => choice.learn(news));
  }

  failed(error) {
    const { booking, schedule, signal } = this;
    if (signal.aborted) return;
    this.error = error;
    this.reject(error);
    if (this.choice) booking.failed(error, () => booking.seats(schedule));
  }
}
