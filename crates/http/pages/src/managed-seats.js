// The seats of a date as staff manage them: blocked, put back on sale, given away.

import { post } from './api.js';
import { follow } from './booking-page.js';
import { firstPage } from './list.jsx';
import { readPlan, readStates } from './seat-reads.js';
import { FREE, NOT_FOR_SALE, SOLD, SeatSelection } from './seat-page.js';

/** The most seats of one request to block seats. */
const BLOCKED_MAX = 1000;
/** The most complimentary tickets of one reservation. */
const GIVEN_MAX = 4;
/** How often to ask for the seats while there is no event stream, in milliseconds. */
const POLL_EVERY = 2000;

/** Changes of seats: the path of the request, the key of the message after it, and the state that the seats have then. */
const BLOCKING = { path: '/seat-blocks', said: 'blocks.done', becomes: NOT_FOR_SALE };
const UNBLOCKING = { path: '/seat-blocks/removal', said: 'blocks.removed', becomes: FREE };
const GIVING = { path: '/complimentary-tickets', said: 'gift.done', becomes: SOLD };

const readBlocks = (id, signal) => firstPage(`/schedules/${id}/seat-blocks`, signal);

export class ManagedSeats extends SeatSelection {
  most = BLOCKED_MAX;
  /** The number of times that the blocks were read again. */
  reads = 0;
  /** The message about the last change: its key and its values. */
  said = undefined;

  constructor({ schedule, plan, states, blocks }) {
    super({ plan, states });
    Object.assign(this, { schedule, blocks });
  }

  static async read(schedule, signal) {
    const { id } = schedule;
    const [plan, states, blocks] = await Promise.all([readPlan(id, { signal }), readStates(id, { signal }), readBlocks(id, signal)]);
    return new ManagedSeats({ schedule, plan, states, blocks });
  }

  get path() { return `/schedules/${this.schedule.id}`; }

  accepts(state) { return state === FREE || state === NOT_FOR_SALE; }

  /** Follows the states of the seats until `signal` ends it. */
  follow(signal) {
    return follow({
      subject: `sales ${this.schedule.id}`,
      path: `${this.path}/seats/events?states=true`,
      signal,
      take: (news) => { this.learn(news); return true; },
      poll: async (until) => ({ data: await readStates(this.schedule.id, { signal: until, attempts: 1 }), wait: POLL_EVERY }),
      snapshot: () => this.states.snapshot(),
    });
  }

  /** The numbers of the chosen seats, in order. */
  get numbers() { return [...this.chosen.keys()].sort((one, other) => one - other); }

  areAll(state) { return this.chosen.size > 0 && this.numbers.every((number) => this.states.of(number) === state); }

  get canBlock() { return this.areAll(FREE); }

  get canUnblock() { return this.areAll(NOT_FOR_SALE); }

  get canGive() { return this.chosen.size > 0 && this.chosen.size <= GIVEN_MAX; }

  /** Chooses what is like the seat that was chosen last from `first` to `last`: the seats of its row, or of its section. */
  extend({ first, last }) {
    const state = this.states.of([...this.chosen.keys()].at(-1));
    for (let number = first; number <= last && this.chosen.size < this.most; number += 1) {
      if (this.states.of(number) === state) this.chosen.set(number, this.hall.seat(number));
    }
    this.told();
  }

  clear() { this.drop([...this.chosen.values()]); }

  async block(reason) { await this.change(BLOCKING, { reason }); }

  /** A failure is shown beside the choice: the list may have lost the pressed button. */
  async unblock(numbers = this.numbers) {
    try {
      await this.change(UNBLOCKING, {}, numbers);
    } catch (error) {
      this.trouble = error;
      this.changed();
    }
  }

  async give(email, reason) { await this.change(GIVING, { email, reason }); }

  /** Makes a change, and reads the seats again, also when the answer was lost. */
  async change(kind, body, seatNumbers = this.numbers) {
    this.said = undefined;
    this.trouble = undefined;
    this.isBusy = true;
    this.changed();
    try {
      await post(this.path + kind.path, { ...body, seatNumbers }).catch((error) => this.alreadyDone(error, kind, seatNumbers));
      this.said = [kind.said, { n: seatNumbers.length, ...body }];
      seatNumbers.forEach((number) => this.chosen.delete(number));
    } finally {
      this.isBusy = false;
      await this.readAgain();
    }
  }

  /** Throws the failure, unless an attempt without an answer has changed the seats. */
  async alreadyDone(failure, { becomes }, seatNumbers) {
    if (!failure.isRepetition && !failure.passes) throw failure;
    this.learn(await readStates(this.schedule.id));
    if (seatNumbers.some((number) => this.states.of(number) !== becomes)) throw failure;
  }

  /** Reads the states and the blocks again. A failure is shown beside the choice, because the form of the change may be gone. */
  async readAgain() {
    try {
      const [states, blocks] = await Promise.all([readStates(this.schedule.id), readBlocks(this.schedule.id)]);
      this.blocks = blocks;
      this.reads += 1;
      this.learn(states);
    } catch (error) {
      this.trouble = error;
    }
    this.told();
  }
}
