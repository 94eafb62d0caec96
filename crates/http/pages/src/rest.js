// What pages load later: when they are at rest, or as soon as the user does something.

import { Model } from './model.js';
import { router } from './router.js';

/** How long a page must be at rest before it loads more, in milliseconds. A user who does something is not kept waiting. */
const REST = 2000;
const ACTS = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'scroll', 'beforeprint'];

/** Whether the page is at rest. */
class Rest extends Model {
  /** Begins anew on each page. */
  enter() {
    if (this.serial === router.serial) return;
    this.serial = router.serial;
    this.isAtRest = false;
    this.acts?.abort();
    this.acts = new AbortController();
    ACTS.forEach((act) => addEventListener(act, () => this.end(), { passive: true, signal: this.acts.signal }));
    this.wait();
  }

  /** Something was loaded: the page is at rest some time after it. */
  wait() {
    clearTimeout(this.timer);
    if (!this.isAtRest) this.timer = setTimeout(() => this.end(), REST);
  }

  /** Ends the wait. */
  end() {
    clearTimeout(this.timer);
    this.acts?.abort();
    this.isAtRest = true;
    this.changed();
  }
}

export const rest = new Rest();
