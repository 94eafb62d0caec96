// What a door keeps on the device: the list of a date with the public keys, and the scans that are not sent yet.

import { signedIn } from './session.js';

/** The browser's cache that the service worker of the door reads as well. */
const CACHE = 'stagedoor-door';
/** Where the list of a date is in the cache. No request goes there. */
const addressOf = (scheduleId) => `/pages/door/${scheduleId}/kept`;

/** A browser keeps nothing for pages that came without TLS. */
const cache = () => globalThis.caches?.open(CACHE);

export async function keptList(scheduleId) {
  const response = await (await cache())?.match(addressOf(scheduleId));
  return response?.json();
}

/** Keeps something of the user who is signed in, unless that user has left meanwhile. */
async function keep(put) {
  const opened = await cache();
  const user = signedIn()?.id;
  if (!opened || !user) return;
  await put(opened);
  if (signedIn()?.id !== user) await caches.delete(CACHE);
}

export const keepList = (scheduleId, list) => keep((opened) => opened.put(addressOf(scheduleId), new Response(JSON.stringify(list))));

/** Keeps what the page needs to open without a network: who is signed in, and the dates. */
export const keepPage = () => keep((opened) => opened.addAll(['/api/v1/users/me', '/api/v1/door-dates']));

/** The scans of a user at a date that are not sent yet, and the conflicts that are not dismissed. */
export class Scans {
  constructor(userId, scheduleId) {
    this.key = `stagedoor:scans:${userId}:${scheduleId}`;
  }

  /** They are read each time: another window may have added some. */
  get items() { return JSON.parse(localStorage.getItem(this.key) ?? '[]'); }

  /** Whether there is one of this number that waits to be sent. */
  waiting(number) { return this.unsent().find((scan) => scan.number === number); }

  unsent() { return this.items.filter(({ conflict }) => !conflict); }

  conflicts() { return this.items.filter(({ conflict }) => conflict); }

  /** Each change is written at once: the device may be switched off. */
  write(items) { localStorage.setItem(this.key, JSON.stringify(items)); }

  add(scan) { this.write([...this.items, scan]); }

  drop({ key }) { this.write(this.items.filter((scan) => scan.key !== key)); }

  /** Notes why a scan was refused when it was sent. */
  refuse({ key }, conflict) {
    this.write(this.items.map((scan) => (scan.key === key ? { ...scan, conflict } : scan)));
  }
}
