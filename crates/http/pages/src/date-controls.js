// The terms of a date as a form. They are changed by the version that was read, so that no other edit is overwritten.

import { get } from './api.js';
import { moment, zoneOf } from './format.js';
import { instantOf, instantShown, localTime } from './local-time.js';
import { TaggedEdits } from './tagged-edits.js';

const TIMES = ['startsAt', 'endsAt', 'bookingOpensAt', 'bookingClosesAt', 'cancellationClosesAt'];

/** The values of the fields for a date, in its venue's zone. */
const valuesOf = (schedule) => ({
  ...Object.fromEntries(TIMES.map((name) => [name, schedule[name] ? localTime(schedule[name], zoneOf(schedule)) : ''])),
  maxTicketsPerPerson: String(schedule.maxTicketsPerPerson),
});

/** What a field's value is to the API. */
function sent(name, value, zone) {
  if (name === 'maxTicketsPerPerson') return Number(value);
  return value ? instantShown(value, `field.${name}`, zone) : null;
}

const pathOf = (id) => `/schedules/${id}`;

export class DateControls extends TaggedEdits {
  times = TIMES;
  /** After a move, until when holders can cancel because of it; the new start if it is empty. */
  refundableUntil = '';

  constructor({ body: schedule, tag }) {
    super(valuesOf(schedule));
    Object.assign(this, { schedule, tag });
  }

  static async read(id, signal) {
    const controls = new DateControls(await TaggedEdits.readFrom(pathOf(id), signal));
    await controls.readCancellation(signal);
    return controls;
  }

  get path() { return pathOf(this.schedule.id); }

  get zone() { return zoneOf(this.schedule); }

  learn(schedule) {
    this.schedule = schedule;
    this.follow(valuesOf(schedule));
  }

  async readAgain(signal) {
    await super.readAgain(signal);
    await this.readCancellation(signal);
  }

  /** Reads how far the refunds of a cancelled date have come. */
  async readCancellation(signal) {
    if (!this.schedule.cancelledAt) return;
    this.cancellation = await get(`${this.path}/cancellation`, { signal });
    this.changed();
  }

  /** Whether the performance is to be at another time. */
  get moves() { return this.edited().some((name) => name === 'startsAt' || name === 'endsAt'); }

  setRefundableUntil(value) {
    this.refundableUntil = value;
    this.changed();
  }

  /** Until when holders can cancel because of the move, as an instant. */
  get deadline() { return instantShown(this.refundableUntil || this.values.startsAt, 'date.refundableUntil', this.zone); }

  /** Another edit's value of a field, in words. */
  shown(name, value) { return TIMES.includes(name) && value ? moment(instantOf(value, this.zone), this.zone) : value; }

  /** Saves what was edited; `sure` decides about a move. */
  async save(sure) {
    const edit = Object.fromEntries(this.edited().map((name) => [name, sent(name, this.values[name], this.zone)]));
    this.told(this.isClean() ? 'room.nothing' : undefined);
    if (this.isClean() || (this.moves && !sure())) return;
    if (this.moves && this.refundableUntil) edit.refundableUntil = this.deadline;
    if (!await this.send(edit)) {
      this.told('date.conflict');
      return;
    }
    this.refundableUntil = '';
    this.told('room.saved');
  }
}
