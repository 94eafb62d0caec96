// Paying for held seats: what the server says of the hold, and what can be done with it.

import { get, now, post, remove } from './api.js';
import { zoneOf } from './format.js';
import { Model } from './model.js';
import { t } from './text.js';
import { say } from './ui.jsx';

export class Checkout extends Model {
  constructor(booking, signal, reservation) {
    super();
    this.booking = booking;
    this.signal = signal;
    this.reservation = reservation;
    this.path = `/reservations/${reservation.id}`;
    this.zone = zoneOf(booking.concert);
    this.startsAt = reservation.startsAt ?? booking.concert.dates.find(({ scheduleId }) => scheduleId === reservation.scheduleId)?.startsAt;
    this.wasHeldBefore = booking.heldBefore === reservation.id;
    this.reads = 0;
    this.watchTime();
    // The hold is shown at once; the balance follows.
    if (!this.isOver) this.refresh({ isHoldKnown: Boolean(this.startsAt) });
  }

  ask(work) { return this.booking.with(work); }

  /** Does one thing at a time; whatever comes of it, what the server then says of the hold is shown. */
  async attempt(work) {
    // What is being read now is old once this is done.
    this.reads += 1;
    this.isBusy = true;
    this.trouble = undefined;
    this.changed();
    try {
      await this.ask(work);
    } catch (error) {
      if (this.signal.aborted) return;
      await this.refresh();
      if (!this.isOver && !this.signal.aborted) this.trouble = error;
    } finally {
      this.isBusy = false;
      this.changed();
    }
  }

  pay() {
    return this.attempt(async (token) => {
      const paid = await post('/payments', { reservationId: this.reservation.id }, { token });
      if (paid.late) say(t('checkout.late'));
      await this.booking.paid(this.reservation);
    });
  }

  extend() {
    return this.attempt(async (token) => {
      await post(`${this.path}/extension`, undefined, { token });
      this.hasWarned = false;
      await this.refresh();
    });
  }

  release() {
    return this.attempt(async (token) => {
      await remove(this.path, { token });
      await this.booking.dates();
    });
  }

  charge(amount) {
    return this.attempt(async (token) => {
      await post('/points/charges', { amount }, { token });
      await this.refresh();
    });
  }

  /** Reads the balance, and the hold unless it was just read; what cannot be read is said, and the hold stays in sight. */
  async refresh({ isHoldKnown = false } = {}) {
    this.reads += 1;
    const read = this.reads;
    const { signal } = this;
    try {
      const [newest, account] = await Promise.all([
        isHoldKnown ? this.reservation : this.ask((token) => get(this.path, { token, signal })), this.ask((token) => get('/points', { token, signal })),
      ]);
      if (read !== this.reads) return;
      this.unknown = undefined;
      await this.learn(newest, account);
    } catch (error) {
      if (signal.aborted || read !== this.reads) return;
      this.unknown = error;
    }
    this.changed();
  }

  async learn(newest, account) {
    this.reservation = newest;
    this.startsAt = newest.startsAt ?? this.startsAt;
    if (newest.status === 'CONFIRMED') return this.booking.paid(newest);
    if (newest.status === 'CANCELLED') return this.booking.dates();
    if (newest.status === 'EXPIRED') return this.expire();
    this.account = account;
    return undefined;
  }

  /** Ends with the hold's time, and says so before that. */
  watchTime() {
    const tick = () => {
      if (this.isOver) return;
      const left = Date.parse(this.reservation.expiresAt) - now();
      if (left <= 0) this.expire();
      if (left > 0 && left < 60_000 && !this.hasWarned) {
        this.hasWarned = true;
        say(t('checkout.minuteLeft'));
      }
    };
    const timer = setInterval(tick, 1000);
    this.signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    tick();
  }

  expire() {
    this.isOver = true;
    this.trouble = undefined;
    this.unknown = undefined;
    say(t('checkout.expired'));
    this.changed();
  }
}
