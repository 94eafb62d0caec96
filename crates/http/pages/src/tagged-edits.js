// A form for what is changed by the version that was read, so that no other edit is overwritten.

import { request } from './api.js';
import { Edits } from './edits.js';

/** A body that was read, with the tag of its version. */
const tagged = async (response) => ({ body: await response.json(), tag: response.headers.get('etag') });

/** A subclass has `path`, and `learn(body)`, which takes in what is newer than the form. */
export class TaggedEdits extends Edits {
  /** Reads what is at `path`, for a form that does not exist yet. */
  static readFrom(path, signal) { return request('GET', path, { signal, read: tagged }); }

  take({ body, tag }) {
    this.tag = tag;
    this.learn(body);
  }

  async readAgain(signal) { this.take(await TaggedEdits.readFrom(this.path, signal)); }

  /** Sends an edit; answers whether it is saved. After another edit the newer values are read, and nothing is saved. */
  async send(edit) {
    try {
      this.take(await request('PATCH', this.path, { body: edit, headers: { 'if-match': this.tag }, read: tagged }));
    } catch (error) {
      if (error.status !== 412) throw error;
      await this.readAgain();
      // The edit itself was the other one, if its response was lost.
      return this.isClean();
    }
    return true;
  }
}
