// The user's live hold and position in a queue, which every page shows with the time that is left.
//
// The queue token stays in memory. Other tabs, and this one after it is loaded again, know the position that was last
// heard of, from the browser's storage.

import { get, now } from './api.js';
import { concertsById } from './concerts-by-id.js';
import { Model } from './model.js';
import { announceTurn } from './notify.js';
import { repeat } from './repeat.js';
import { router } from './router.js';
import { QueueReader } from './queue-reader.js';
import { newestHolds, onSession, signedIn } from './session.js';

const KEY = 'stagedoor:place';
/** How often the position is asked for when the server does not say how often, in milliseconds. */
const EVERY = 5000;

class Standing extends Model {
  /** Follows the pages: a booking's page shows what it knows by itself. */
  begin() {
    this.serial = undefined;
    router.subscribe(() => this.moved());
    addEventListener('storage', ({ key }) => { if (key === KEY) this.changed(); });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible' && !this.isBooking()) this.readHold();
    });
    onSession(({ before, user }) => {
      if (before && before.id !== user?.id) this.forget();
    });
  }

  isBooking() { return location.pathname.endsWith('/book'); }

  moved() {
    const isNew = this.serial !== router.serial;
    if (!isNew || router.status === 'loading') return;
    this.serial = router.serial;
    this.watching?.abort();
    this.watching = new AbortController();
    this.hold = undefined;
    if (this.isBooking()) return;
    this.readHold();
    if (this.token && this.place()) this.watch(this.watching.signal);
  }

  /** The live place in a queue that is known; nothing if there is none. */
  place() {
    const place = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    return place && place.userId === signedIn()?.id && Date.parse(place.expiresAt) > now() ? place : undefined;
  }

  /** Takes in where the user stands in a concert's queue. */
  learn(concert, { id, status, position, expiresAt, ...others }, token) {
    if (status === 'EXPIRED') {
      if (this.place()?.id === id) this.forget();
      return;
    }
    this.token = token;
    const { roomId, sequence, ahead, pollAfterSeconds, heartbeatAfterSeconds } = others;
    const inQueue = { roomId, sequence, ahead, pollAfterSeconds, heartbeatAfterSeconds };
    const place = { ...inQueue, id, status, position, expiresAt, concertId: concert.id, title: concert.title, userId: signedIn()?.id };
    localStorage.setItem(KEY, JSON.stringify(place));
    this.changed();
  }

  forget() {
    this.token = undefined;
    localStorage.removeItem(KEY);
    this.changed();
  }

  watch(signal) {
    const { token } = this;
    const reader = new QueueReader(() => get('/queue-tokens/me', { token, signal, attempts: 1 }));
    const ask = async () => {
      const known = this.place();
      if (!known || this.token !== token) return;
      const place = await reader.read(known, signal);
      if (known.status === 'WAITING' && place.status === 'ACTIVE') announceTurn();
      this.learn({ id: known.concertId, title: known.title }, place, token);
    };
    ask().catch(() => {});
    // What cannot be asked for now is asked for again; the known position stays.
    repeat(EVERY, signal, ask, () => {});
  }

  /** Reads the hold that ends first. What cannot be read is not shown: no page depends on it. */
  async readHold() {
    if (!signedIn() || !this.watching) return;
    const { signal } = this.watching;
    try {
      const items = newestHolds() ?? (await get('/reservations?status=HELD&limit=20', { signal, attempts: 1 })).items;
      const [first] = items.toSorted((one, other) => one.expiresAt.localeCompare(other.expiresAt));
      const concerts = await concertsById(first ? [first.concertId] : [], signal);
      if (signal.aborted) return;
      this.hold = first && { ...first, title: concerts.get(first.concertId).title };
      this.changed();
    } catch (error) {
      if (!signal.aborted) console.warn(error);
    }
  }
}

export const standing = new Standing();
