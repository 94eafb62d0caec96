// Seats of a date chosen on a map, while others take and free them.

import { Hall } from './seating.js';
import { Model } from './model.js';
import { FREE, NOT_FOR_SALE, SeatStates } from './seat-states.js';
import { describe, longName } from './seat-words.js';
import { t } from './text.js';
import { say } from './ui.jsx';

/** The chosen seats, by their numbers. `followers` hear that seats changed. A subclass says how many can be chosen: `most`. */
export class SeatSelection extends Model {
  chosen = new Map();
  followers = new Set();
  /** Whether a request about the chosen seats is on its way: what it changes is not lost to others. */
  isBusy = false;

  /** `plan` and `states` are those of a date, as the service sends them. */
  constructor({ plan, states }) {
    super();
    this.hall = new Hall(plan);
    this.states = new SeatStates(states);
  }

  /** Whether a seat of a state can be chosen. */
  accepts(state) { return state === FREE; }

  canChoose(number) { return this.accepts(this.states.of(number)); }

  stateOf(number) {
    if (this.chosen.has(number)) return 'mine';
    const state = this.states.of(number);
    if (state === FREE) return 'free';
    return state === NOT_FOR_SALE ? 'blocked' : 'taken';
  }

  /** Takes a seat into the choice, or out of it; one that cannot be chosen says so. */
  toggle(seat) {
    const { number } = seat;
    this.trouble = undefined;
    const state = this.stateOf(number);
    if (this.chosen.delete(number)) {
      say(describe(seat, this.stateOf(number)));
    } else if (!this.canChoose(number)) {
      this.trouble = t(state === 'taken' ? 'seats.isTaken' : 'seats.isBlocked', { seat: longName(seat) });
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

  /** Takes in what became of seats; what others were faster at leaves the choice. Standing places are all alike. */
  learn(news) {
    const changed = this.states.learn(news);
    if (!this.isBusy) this.dropLost();
    if (changed.length) this.told();
  }

  dropLost() {
    const lost = [...this.chosen.values()].filter(({ number }) => !this.canChoose(number));
    lost.forEach(({ number }) => this.chosen.delete(number));
    lost.filter(({ of }) => of.standing).forEach(({ of }) => this.chooseAny(of, 1));
    const seats = lost.filter(({ of }) => !of.standing);
    if (seats.length) this.trouble = t('seats.lost', { seats: seats.map(longName).join(', ') });
  }

  /** Calls `listener` when seats changed, until the function that this answers is called. */
  followSeats(listener) {
    this.followers.add(listener);
    return () => this.followers.delete(listener);
  }

  /** Tells the map that seats changed, and all others that something did. */
  told() {
    this.followers.forEach((follower) => follower());
    this.changed();
  }
}
