// A form for the details of a concert. It is changed by the version that was read, so that no other edit is overwritten.

import { post, remove } from './api.js';
import { uploadPoster } from './poster-upload.js';
import { TaggedEdits } from './tagged-edits.js';

const NUMBERS = ['runningMinutes', 'ageLimit'];

/** The values of the fields for a concert. */
const valuesOf = (concert) => ({
  title: concert.title,
  subtitle: concert.subtitle,
  description: concert.description,
  tags: concert.tags.join(', '),
  ...Object.fromEntries(NUMBERS.map((name) => [name, concert[name] === null ? '' : String(concert[name])])),
});

const tagsOf = (text) => text.split(',').map((tag) => tag.trim()).filter(Boolean);

/** A field's value as the API takes it. */
function sent(name, value) {
  if (name === 'tags') return tagsOf(value);
  if (NUMBERS.includes(name)) return value === '' ? null : Number(value);
  return value;
}

const pathOf = (id) => `/concerts/${id}`;

export class ConcertEdits extends TaggedEdits {
  /** The part of a picture that has been sent, from 0 to 1; nothing while none is being sent. */
  sending = undefined;

  constructor({ body: concert, tag }) {
    super(valuesOf(concert));
    Object.assign(this, { concert, tag });
  }

  static async read(id, signal) { return new ConcertEdits(await TaggedEdits.readFrom(pathOf(id), signal)); }

  get path() { return pathOf(this.concert.id); }

  /** The concert as it will be once it is saved. */
  get preview() {
    const values = Object.fromEntries(Object.entries(this.values).map(([name, value]) => [name, sent(name, value)]));
    return { ...this.concert, ...values };
  }

  learn(concert) {
    this.concert = concert;
    this.follow(valuesOf(concert));
  }

  /** Settles a conflict: the other edit's value takes the place of what was typed here, or is to be overwritten. */
  settle(name, isTheirs) {
    this.known = { ...this.known, [name]: this.newest[name] };
    if (isTheirs) this.values = { ...this.values, [name]: this.newest[name] };
    this.told(undefined);
  }

  async save() {
    const edit = Object.fromEntries(this.edited().map((name) => [name, sent(name, this.values[name])]));
    this.told(this.isClean() ? 'room.nothing' : undefined);
    if (this.isClean()) return;
    if (!await this.send(edit)) {
      // The other edit may have changed other fields alone.
      if (this.conflicts().length) this.told('concertEdit.conflict');
      else await this.save();
      return;
    }
    // The values as the service saved them, for example without surrounding space.
    this.values = { ...this.newest };
    this.known = { ...this.newest };
    this.told('room.saved');
  }

  /** Gives the concert a picture as its poster. */
  async show(file, signal) {
    this.told(undefined);
    try {
      this.take(await uploadPoster(this.path, file, signal, (part) => {
        this.sending = part;
        this.changed();
      }));
    } finally {
      this.sending = undefined;
      this.changed();
    }
    this.told('poster.saved');
  }

  async takePosterAway() {
    await remove(`${this.path}/poster`);
    await this.readAgain();
    this.told('poster.removed');
  }

  async publish() {
    await post(`${this.path}/publication`);
    await this.readAgain();
    this.told('concertEdit.published');
  }

  async cancel(reason) {
    await post(`${this.path}/cancellation`, { reason });
    await this.readAgain();
    this.told('concertEdit.cancelled');
  }

  /** Makes a draft with the same texts; answers it. */
  duplicate() { return post(`${this.path}/duplicate`); }

  delete() { return remove(this.path); }
}
