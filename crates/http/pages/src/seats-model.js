// Choosing seats that others choose too: the seats of a date, the choice, and the hold.

import { get, post } from './api.js';
import { follow } from './events.js';
import { readStates } from './seat-reads.js';
import { SeatSelection } from './seat-selection.js';

/** The most seats of one reservation. */
const SEATS_MAX = 4;
/** How often to ask for the seats while there is no event stream, in milliseconds. */
const POLL_EVERY = 1000;
/** The key of the session storage for a choice of a date, which survives leaving the page. */
const KEY = 'stagedoor:choice:';

/** The seats that a fan chooses of a date. */
export class SeatChoice extends SeatSelection {
  constructor(booking, signal, { schedule, plan, states }) {
    super({ plan, states });
    Object.assign(this, { booking, signal, schedule, tag: states.tag });
    this.restore();
    this.follow();
  }

  /** The most seats that can be chosen: as one reservation may have, and one person of this date. */
  get most() { return Math.min(this.schedule.maxTicketsPerPerson ?? SEATS_MAX, SEATS_MAX); }

  /** Reads the states of all seats; nothing if they are as they were. */
  async read(options) {
    const { booking, schedule, signal, tag } = this;
    const newest = await booking.with((token) => readStates(schedule.id, { signal, ...options, token, tag }));
    this.tag = newest?.tag ?? tag;
    return newest;
  }

  follow() {
    const { booking, signal } = this;
    follow({
      subject: `seats ${this.schedule.id}`,
      path: `/schedules/${this.schedule.id}/seats/events?states=true`,
      token: () => booking.token,
      signal,
      take: (news) => { this.learn(news); return true; },
      poll: async (until) => ({ data: await this.read({ signal: until, attempts: 1 }), wait: POLL_EVERY }),
      snapshot: () => this.states.snapshot(),
      onState: (connection) => {
        this.isLost = connection === 'lost';
        this.changed();
      },
    }).catch((error) => !signal.aborted && booking.failed(error, () => booking.seats(this.schedule)));
  }

  told() {
    this.keep();
    super.told();
  }

  /** Keeps the choice for when the user returns to this page in this tab. */
  keep() {
    if (this.chosen.size) sessionStorage.setItem(KEY + this.schedule.id, JSON.stringify([...this.chosen.keys()]));
    else sessionStorage.removeItem(KEY + this.schedule.id);
  }

  /** Chooses again what was chosen before the page was left, as far as it is free. */
  restore() {
    const kept = JSON.parse(sessionStorage.getItem(KEY + this.schedule.id) ?? '[]');
    const seats = kept.map((number) => this.hall.seat(number)).filter(Boolean);
    for (const seat of seats) if (this.states.isFree(seat.number) && this.chosen.size < this.most) this.chosen.set(seat.number, seat);
    this.keep();
  }

  /** Goes on with seats that are held for oneself already, whatever became of the answer that said so. */
  async resume(error) {
    const { booking, signal } = this;
    const id = error.code === 'ALREADY_HELD' && error.body.reservationId;
    const own = id
      ? await booking.with((token) => get(`/reservations/${id}`, { token, signal }))
      : await booking.ownHold();
    if (own?.status !== 'HELD' || own.scheduleId !== this.schedule.id) return false;
    booking.heldBefore = own.id;
    await booking.checkout(own);
    return true;
  }

  async refused(error) {
    if (error.code === 'TOKEN_EXPIRED' || error.code === 'TOKEN_WAITING') {
      await this.booking.failed(error, () => this.booking.seats(this.schedule));
      return;
    }
    try {
      if ((error.status === 409 || error.passes) && await this.resume(error)) return;
      const newest = await this.read();
      this.isBusy = false;
      this.trouble = error;
      this.learn(newest ?? this.states.snapshot());
    } catch (another) {
      if (!this.signal.aborted) this.trouble = another;
    }
  }

  /** Holds the chosen seats, or others: `{ bestAvailable: 2 }`. */
  async take(choice = { seatNumbers: [...this.chosen.keys()] }) {
    if (this.isBusy) return;
    this.isBusy = true;
    this.trouble = undefined;
    this.changed();
    const { booking, signal } = this;
    try {
      const body = { scheduleId: this.schedule.id, ...choice };
      const reservation = await booking.with((token) => post('/reservations', body, { token, signal }));
      this.chosen.clear();
      this.keep();
      await booking.checkout(reservation);
    } catch (error) {
      if (!signal.aborted) await this.refused(error);
    } finally {
      this.isBusy = false;
      this.changed();
    }
  }
}
