// Choosing seats that others choose too: the seats of a date, the choice, and the hold.

import { get, post } from './api.js';
import { SeatSelection } from './seat-selection.js';

/** The most seats of one reservation. */
const SEATS_MAX = 4;
/** The key of the session storage for a choice of a date, which survives leaving the page. */
const KEY = 'stagedoor:choice:';

/** The seats that a fan chooses of a date. */
export class SeatChoice extends SeatSelection {
  /** `feed` tells the states of the seats: it knows them already. */
  constructor(booking, signal, { schedule, plan, feed }) {
    super({ plan, states: feed.early[0] });
    Object.assign(this, { booking, signal, schedule, feed });
    this.restore();
    feed.tell(this);
  }

  /** The most seats that can be chosen: as one reservation may have, and one person of this date. */
  get most() { return Math.min(this.schedule.maxTicketsPerPerson ?? SEATS_MAX, SEATS_MAX); }

  get isLost() { return this.feed.isLost; }

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
      : await booking.ownHold({ anew: true });
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
      const newest = await this.feed.read();
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
