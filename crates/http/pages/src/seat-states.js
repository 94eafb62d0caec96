// The live state of each place of a date: free, held, sold or not for sale.

export const FREE = 0;
const HELD = 1;
export const SOLD = 2;
export const NOT_FOR_SALE = 3;

/** The states in the form of `GET /schedules/{id}/seat-status`: Base64 of two bits for each, from the lowest bits on. */
function unpack(count, text) {
  const bytes = atob(text);
  const states = new Uint8Array(count);
  for (let index = 0; index < count; index += 1) states[index] = (bytes.charCodeAt(index >> 2) >> (2 * (index & 3))) & 3;
  return states;
}

function pack(states) {
  const bytes = new Uint8Array(Math.ceil(states.length / 4));
  states.forEach((state, index) => { bytes[index >> 2] |= state << (2 * (index & 3)); });
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export class SeatStates {
  constructor({ count, states }) {
    this.states = unpack(count, states);
  }

  /** The state of the place of a number. */
  of(number) { return this.states[number - 1]; }

  isFree(number) { return this.states[number - 1] === FREE; }

  /** The number of free places from `first` to `last`; only of those that `fits` accepts. */
  free(first = 1, last = this.states.length, fits = undefined) {
    let free = 0;
    for (let number = first; number <= last; number += 1) if (this.states[number - 1] === FREE && (!fits || fits(number))) free += 1;
    return free;
  }

  /** All states, as `learn` takes them. */
  snapshot() { return { count: this.states.length, states: pack(this.states) }; }

  /**
   * Takes in what the service says: all `states`, or ranges of numbers that are `taken`, and `blocked` among them, and
   * `freed`; with `all` they are all that are not free. Answers the numbers whose state changed.
   */
  learn(news) {
    const next = news.states === undefined ? this.after(news) : unpack(this.states.length, news.states);
    const changed = [];
    next.forEach((state, index) => { if (state !== this.states[index]) changed.push(index + 1); });
    this.states = next;
    return changed;
  }

  /** The states after a change by ranges. A place that is taken is held or sold: one known to be sold stays so. */
  after({ all, taken, blocked = [], freed }) {
    const next = all ? new Uint8Array(this.states.length) : this.states.slice();
    for (const [from, to] of freed) next.fill(FREE, from - 1, to);
    for (const [from, to] of taken) {
      for (let index = from - 1; index < to; index += 1) next[index] = this.states[index] === SOLD ? SOLD : HELD;
    }
    for (const [from, to] of blocked) next.fill(NOT_FOR_SALE, from - 1, to);
    return next;
  }
}
