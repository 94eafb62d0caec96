// A form for what others edit too: what was changed here, and what another user changed meanwhile.

import { Model } from './model.js';
import { t } from './text.js';
import { say } from './ui.jsx';

/** The values of a form, by the names of its fields. Only what was changed here is sent: another user may have changed the rest. */
export class Edits extends Model {
  constructor(values) {
    super();
    Object.assign(this, { values: { ...values }, known: { ...values }, newest: values });
  }

  edit(name, value) {
    this.values = { ...this.values, [name]: value };
    this.said = undefined;
    this.changed();
  }

  edited() { return Object.keys(this.values).filter((name) => this.values[name] !== this.known[name]); }

  isClean() { return !this.edited().length; }

  /** Takes in the newest values: a field that is not being edited here follows. */
  follow(newest) {
    const edited = this.edited();
    this.newest = newest;
    for (const name of Object.keys(newest)) {
      if (!edited.includes(name)) this.values[name] = newest[name];
      if (this.values[name] === newest[name]) this.known[name] = newest[name];
    }
    this.changed();
  }

  /** The fields that are edited here and were changed by another user: their names and the new values. */
  conflicts() {
    return this.edited().filter((name) => this.newest[name] !== this.known[name]).map((name) => [name, this.newest[name]]);
  }

  /** Says how saving went. */
  told(key) {
    this.said = key;
    if (key) say(t(key));
    this.changed();
  }
}
