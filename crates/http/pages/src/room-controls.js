// The controls of a room as a form: what was changed here, and what another operator changed meanwhile.

import { Model } from './model.js';
import { t } from './text.js';
import { say } from './ui.jsx';

/** The fields that are numbers, with their bounds. */
const NUMBERS = [
  ['capacity', 0, 1_000_000], ['admitBatch', 1, 1_000_000], ['admitIntervalSeconds', 1, 86_400],
  ['activeSeconds', 1, 86_400], ['idleSeconds', 1, 86_400],
];

/** What the fields show of a room. */
const valuesOf = ({ policy, message }) => Object.fromEntries([...NUMBERS.map(([name]) => [name, String(policy[name])]), ['message', message]]);

/** It sends what was changed here and nothing else: another operator may have changed the rest. */
export class Controls extends Model {
  numbers = NUMBERS;
  saves = 0;

  constructor(id, room, patch) {
    super();
    Object.assign(this, { id, room, patch, known: valuesOf(room), values: valuesOf(room) });
  }

  edit(name, value) {
    this.values = { ...this.values, [name]: value };
    this.said = undefined;
    this.changed();
  }

  edited() { return Object.keys(this.values).filter((name) => this.values[name] !== this.known[name]); }

  isClean() { return !this.edited().length; }

  /** Takes in what a room is like now: a field that is not being edited here follows. */
  learn(room) {
    const newest = valuesOf(room);
    const edited = this.edited();
    this.room = room;
    for (const name of Object.keys(newest)) {
      if (!edited.includes(name)) this.values[name] = newest[name];
      if (this.values[name] === newest[name]) this.known[name] = newest[name];
    }
    this.changed();
  }

  /** The fields that are edited here and were changed by another operator: their names and the new values. */
  conflicts() {
    const newest = valuesOf(this.room);
    return this.edited().filter((name) => newest[name] !== this.known[name]).map((name) => [name, newest[name]]);
  }

  async send(edit) {
    const room = await this.patch(`/rooms/${this.id}`, edit);
    this.saves += 1;
    this.learn(room);
  }

  async save() {
    const names = this.edited();
    this.told(names.length ? undefined : 'room.nothing');
    if (!names.length) return;
    const sent = Object.fromEntries(names.map((name) => [name, this.values[name]]));
    await this.send(Object.fromEntries(names.map((name) => [name, name === 'message' ? sent[name] : Number(sent[name])])));
    Object.assign(this.known, sent);
    this.told('room.saved');
  }

  told(key) {
    this.said = key;
    if (key) say(t(key));
    this.changed();
  }
}
