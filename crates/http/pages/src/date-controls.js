// The terms of a date as a form. They are changed by the version that was read, so that no other edit is overwritten.

import { get, request } from './api.js';
import { Edits } from './edits.js';
import { moment } from './format.js';
import { instantOf, instantShown, localTime } from './local-time.js';

const TIMES = ['startsAt', 'endsAt', 'bookingOpensAt', 'bookingClosesAt', 'cancellationClosesAt'];

/** What the fields show of a date. */
const valuesOf = (schedule) => ({
  ...Object.fromEntries(TIMES.map((name) => [name, schedule[name] ? localTime(schedule[name]) : ''])),
  maxTicketsPerPerson: String(schedule.maxTicketsPerPerson),
});

/** What a field's value is to the API. */
function sent(name, value) {
  if (name === 'maxTicketsPerPerson') return Number(value);
  return value ? instantShown(value, `field.${name}`) : null;
}

/** A date with the tag of its version. */
const tagged = async (response) => ({ schedule: await response.json(), tag: response.headers.get('etag') });

export class DateControls extends Edits {
  times = TIMES;
  /** After a move, until when holders can cancel because of it; the new start if it is empty. */
  refundableUntil = '';

  constructor(read) {
    super(valuesOf(read.schedule));
    Object.assign(this, read);
  }

  static async read(id, signal) {
    const controls = new DateControls(await request('GET', `/schedules/${id}`, { signal, read: tagged }));
    await controls.readCancellation(signal);
    return controls;
  }

  get path() { return `/schedules/${this.schedule.id}`; }

  learn(read) {
    Object.assign(this, read);
    this.follow(valuesOf(read.schedule));
  }

  async readAgain(signal) {
    this.learn(await request('GET', this.path, { signal, read: tagged }));
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
  get deadline() { return instantShown(this.refundableUntil || this.values.startsAt, 'date.refundableUntil'); }

  /** Another edit's value of a field, in words. */
  shown(name, value) { return TIMES.includes(name) && value ? moment(instantOf(value)) : value; }

  /** Saves what was edited; `sure` decides about a move. */
  async save(sure) {
    const edit = Object.fromEntries(this.edited().map((name) => [name, sent(name, this.values[name])]));
    this.told(this.isClean() ? 'room.nothing' : undefined);
    if (this.isClean() || (this.moves && !sure())) return;
    if (this.moves && this.refundableUntil) edit.refundableUntil = this.deadline;
    try {
      this.learn(await request('PATCH', this.path, { body: edit, headers: { 'if-match': this.tag }, read: tagged }));
    } catch (error) {
      if (error.status !== 412) throw error;
      await this.readAgain();
      // The edit itself was the other one, if its response was lost.
      if (!this.isClean()) {
        this.told('date.conflict');
        return;
      }
    }
    this.refundableUntil = '';
    this.told('room.saved');
  }
}
