// The controls of a room as a form.

import { Edits } from './edits.js';

/** The fields that are numbers, with their bounds. */
const NUMBERS = [
  ['capacity', 0, 1_000_000], ['admitBatch', 1, 1_000_000], ['admitIntervalSeconds', 1, 86_400],
  ['activeSeconds', 1, 86_400], ['idleSeconds', 1, 86_400],
];

/** What the fields show of a room. */
const valuesOf = ({ policy, message }) => Object.fromEntries([...NUMBERS.map(([name]) => [name, String(policy[name])]), ['message', message]]);

/** What a form shows of a room, and how it is saved. */
export class Controls extends Edits {
  numbers = NUMBERS;
  saves = 0;

  constructor(id, room, patch) {
    super(valuesOf(room));
    Object.assign(this, { id, room, patch });
  }

  /** Takes in what a room is like now. */
  learn(room) {
    this.room = room;
    this.follow(valuesOf(room));
  }

  edit(name, value) {
    this.isUnsure = false;
    super.edit(name, value);
  }

  async send(edit) {
    const room = await this.patch(`/rooms/${this.id}`, edit);
    this.saves += 1;
    this.learn(room);
  }

  async save() {
    const names = this.edited();
    // A change that was sent without an answer may have been read meanwhile.
    if (!names.length) return this.told(this.isUnsure ? 'room.saved' : 'room.nothing');
    this.told(undefined);
    const sent = Object.fromEntries(names.map((name) => [name, this.values[name]]));
    this.isUnsure = true;
    await this.send(Object.fromEntries(names.map((name) => [name, name === 'message' ? sent[name] : Number(sent[name])])));
    this.isUnsure = false;
    Object.assign(this.known, sent);
    return this.told('room.saved');
  }
}
