// Choosing seats that others choose too: the seats of a date, the choice, and the hold.

import { get, post, request } from './api.js';
import { follow } from './events.js';
import { points, seatName } from './format.js';
import { Model } from './model.js';
import { allOf, rangesOf } from './seat-changes.js';
import { t } from './text.js';
import { say } from './ui.jsx';

/** The most seats of one reservation. */
const SEATS_MAX = 4;
/** How often to ask for the seats while there is no event stream, in milliseconds. */
const POLL_EVERY = 1000;

/** A seat in words. */
export const describe = (seat, state) => t('seats.describe', { seat: seatName(seat), price: points(seat.price), status: t(`seats.${state}`) });

/** The seats of a date, as others take and free them. `onSeats` of a subscriber hears the numbers that changed. */
export class SeatChoice extends Model {
  static async load(booking, signal, schedule) {
    const choice = new SeatChoice(booking, signal, schedule);
    choice.seats = await choice.read();
    choice.byNumber = new Map(choice.seats.map((seat) => [seat.number, seat]));
    choice.follow();
    return choice;
  }

  constructor(booking, signal, schedule) {
    super();
    Object.assign(this, { booking, signal, schedule, path: `/schedules/${schedule.id}/seats`, chosen: new Map(), followers: new Set() });
  }

  /** The most seats that can be chosen: as one reservation may have, and one person of this date. */
  get most() { return Math.min(this.schedule.maxTicketsPerPerson ?? SEATS_MAX, SEATS_MAX); }

  /** Reads all seats; nothing if they are as they were. */
  async read(options) {
    const read = async (response) => {
      if (response.status === 304) return undefined;
      const seats = await response.json();
      this.tag = response.headers.get('etag');
      return seats;
    };
    const headers = this.tag && { 'if-none-match': this.tag };
    return this.booking.with((token) => request('GET', this.path, { signal: this.signal, ...options, token, headers, read }));
  }

  follow() {
    const { booking, signal } = this;
    follow({
      subject: `seats ${this.schedule.id}`,
      path: `${this.path}/events`,
      token: () => booking.token,
      signal,
      take: (data) => { this.learn(rangesOf(data, this.seats)); return true; },
      poll: async (until) => {
        const newest = await this.read({ signal: until, attempts: 1 });
        return { data: newest && allOf(newest), wait: POLL_EVERY };
      },
      snapshot: () => allOf(this.seats),
      onState: (connection) => {
        this.isLost = connection === 'lost';
        this.changed();
      },
    }).catch((error) => !signal.aborted && booking.failed(error, () => booking.seats(this.schedule)));
  }

  stateOf(seat) {
    if (this.chosen.has(seat.number)) return 'mine';
    return seat.status === 'FREE' ? 'free' : 'taken';
  }

  /** Takes a seat into the choice, or out of it; a taken one says so. */
  toggle(seat) {
    this.trouble = undefined;
    if (this.stateOf(seat) === 'taken') {
      this.trouble = t('seats.isTaken', { seat: seatName(seat) });
    } else if (this.chosen.delete(seat.number)) {
      say(describe(seat, 'free'));
    } else if (this.chosen.size >= this.most) {
      this.trouble = t('seats.max', { n: this.most });
    } else {
      this.chosen.set(seat.number, seat);
      say(describe(seat, 'mine'));
    }
    this.told([seat.number]);
  }

  /** Tells the map which seats changed, and all others that something did. */
  told(numbers) {
    this.followers.forEach((follower) => follower(numbers));
    this.changed();
  }

  /** Takes in what became of seats; what others were faster at leaves the choice. */
  learn(changes) {
    const changed = [];
    for (const [number, status] of changes) {
      const seat = this.byNumber.get(number);
      if (!seat || seat.status === status) continue;
      seat.status = status;
      changed.push(number);
    }
    if (!this.isHolding) {
      const lost = [...this.chosen.values()].filter((seat) => seat.status !== 'FREE');
      lost.forEach((seat) => this.chosen.delete(seat.number));
      if (lost.length) this.trouble = t('seats.lost', { seats: lost.map(seatName).join(', ') });
    }
    this.told(changed);
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
      this.isHolding = false;
      this.trouble = error;
      if (newest) this.learn(rangesOf(allOf(newest), this.seats));
    } catch (another) {
      if (!this.signal.aborted) this.trouble = another;
    }
  }

  /** Holds the chosen seats, or others: `{ bestAvailable: 2 }`. */
  async take(choice = { seatIds: [...this.chosen.values()].map((seat) => seat.id) }) {
    if (this.isHolding) return;
    this.isHolding = true;
    this.trouble = undefined;
    this.changed();
    const { booking, signal } = this;
    try {
      const body = { scheduleId: this.schedule.id, ...choice };
      const reservation = await booking.with((token) => post('/reservations', body, { token, signal }));
      await booking.checkout(reservation);
    } catch (error) {
      if (!signal.aborted) await this.refused(error);
    } finally {
      this.isHolding = false;
      this.changed();
    }
  }
}
