// Choosing seats that others choose too: the seats of a date, the choice, and the hold.

import { get, post } from './api.js';
import { follow } from './events.js';
import { Hall } from './seating.js';
import { Model } from './model.js';
import { readStates } from './seat-reads.js';
import { FREE, NOT_FOR_SALE, SeatStates } from './seat-states.js';
import { describe, longName } from './seat-words.js';
import { t } from './text.js';
import { say } from './ui.jsx';

/** The most seats of one reservation. */
const SEATS_MAX = 4;
/** How often to ask for the seats while there is no event stream, in milliseconds. */
const POLL_EVERY = 1000;
/** The key of the session storage for a choice of a date, which survives leaving the page. */
const KEY = 'stagedoor:choice:';

/** The seats of a date, as others take and free them. `followers` hear that some changed. */
export class SeatChoice extends Model {
  /** `plan` and `states` are those of the `schedule`, as the service sends them. */
  constructor(booking, signal, { schedule, plan, states }) {
    super();
    Object.assign(this, { booking, signal, schedule, tag: states.tag, chosen: new Map(), followers: new Set() });
    this.hall = new Hall(plan);
    this.states = new SeatStates(states);
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

  stateOf(number) {
    if (this.chosen.has(number)) return 'mine';
    const state = this.states.of(number);
    if (state === FREE) return 'free';
    return state === NOT_FOR_SALE ? 'blocked' : 'taken';
  }

  /** Takes a seat into the choice, or out of it; a taken one says so. */
  toggle(seat) {
    const { number } = seat;
    this.trouble = undefined;
    const state = this.stateOf(number);
    if (state === 'taken' || state === 'blocked') {
      this.trouble = t(state === 'taken' ? 'seats.isTaken' : 'seats.isBlocked', { seat: longName(seat) });
    } else if (this.chosen.delete(number)) {
      say(describe(seat, 'free'));
    } else if (this.chosen.size >= this.most) {
      this.trouble = t('seats.max', { n: this.most });
    } else {
      this.chosen.set(number, seat);
      say(describe(seat, 'mine'));
    }
    this.told();
  }

  /** The chosen places of a standing area. */
  standing(section) { return [...this.chosen.values()].filter((seat) => seat.of === section); }

  /** Chooses as many places of a standing area: any free ones, so that users who choose at once seldom meet. */
  stand(section, count) {
    this.trouble = undefined;
    const own = this.standing(section);
    own.slice(count).forEach((seat) => this.chosen.delete(seat.number));
    const missing = Math.min(count - own.length, this.most - this.chosen.size);
    if (missing > 0) this.chooseAny(section, missing);
    else if (count > own.length) this.trouble = t('seats.max', { n: this.most });
    say(t('seats.standingChosen', { name: section.name, n: this.standing(section).length }));
    this.told();
  }

  chooseAny(section, count) {
    const start = Math.floor(Math.random() * section.count);
    for (let step = 0, left = count; step < section.count && left; step += 1) {
      const number = section.first + ((start + step) % section.count);
      if (this.stateOf(number) !== 'free') continue;
      this.chosen.set(number, this.hall.seat(number));
      left -= 1;
    }
  }

  /** Takes chosen seats out of the choice. */
  drop(seats) {
    this.trouble = undefined;
    seats.forEach(({ number }) => this.chosen.delete(number));
    this.told();
  }

  /** Tells the map that seats changed, and all others that something did. */
  told() {
    this.keep();
    this.followers.forEach((follower) => follower());
    this.changed();
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

  /** Takes in what became of seats; what others were faster at leaves the choice. Standing places are all alike. */
  learn(news) {
    const changed = this.states.learn(news);
    if (!this.isHolding) {
      const lost = [...this.chosen.values()].filter(({ number }) => !this.states.isFree(number));
      lost.forEach(({ number }) => this.chosen.delete(number));
      lost.filter(({ of }) => of.standing).forEach(({ of }) => this.chooseAny(of, 1));
      const seats = lost.filter(({ of }) => !of.standing);
      if (seats.length) this.trouble = t('seats.lost', { seats: seats.map(longName).join(', ') });
    }
    if (changed.length) this.told();
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
      this.learn(newest ?? this.states.snapshot());
    } catch (another) {
      if (!this.signal.aborted) this.trouble = another;
    }
  }

  /** Holds the chosen seats, or others: `{ bestAvailable: 2 }`. */
  async take(choice = { seatNumbers: [...this.chosen.keys()] }) {
    if (this.isHolding) return;
    this.isHolding = true;
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
      this.isHolding = false;
      this.changed();
    }
  }
}
