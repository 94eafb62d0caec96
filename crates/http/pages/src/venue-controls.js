// A venue as a form.

import { TaggedEdits } from './tagged-edits.js';

const NAMES = ['name', 'address', 'timeZone'];
const valuesOf = (venue) => Object.fromEntries(NAMES.map((name) => [name, venue[name]]));
const pathOf = (id) => `/venues/${id}`;

export class VenueControls extends TaggedEdits {
  constructor({ body: venue, tag }) {
    super(valuesOf(venue));
    Object.assign(this, { venue, tag });
  }

  static async read(id, signal) { return new VenueControls(await TaggedEdits.readFrom(pathOf(id), signal)); }

  get path() { return pathOf(this.venue.id); }

  learn(venue) {
    this.venue = venue;
    this.follow(valuesOf(venue));
  }

  shown(_, value) { return value; }

  async save() {
    this.told(this.isClean() ? 'room.nothing' : undefined);
    if (this.isClean()) return;
    const isSaved = await this.send(Object.fromEntries(this.edited().map((name) => [name, this.values[name]])));
    this.told(isSaved ? 'room.saved' : 'venue.conflict');
  }
}
