// The door of a date: what was scanned, what the service or the list on the device says of it, and what is to be sent.

import { get, now, request } from './api.js';
import { isNumber, plainNumber, readCode } from './door-code.js';
import { keepList, keptList, Scans } from './door-store.js';
import { Model } from './model.js';
import { sound } from './door-sound.js';
import { signedIn } from './session.js';

/** How long the service may take to answer a scan before the device decides, in milliseconds. */
const PATIENCE = 4000;
/** How long the same code is not scanned again, in milliseconds. */
const SAME_TIME = 3000;
/** How often the list is read again, in milliseconds. */
const LIST_TIME = 60_000;
/** How many of the last scans are shown. */
const RECENT = 20;
const DOOR_KEY = 'stagedoor:door';

const newKey = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16).padStart(8, '0')).join('');
const read = (response) => response.json();
/** Whether a request failed because the service was not reached, or could not answer. */
const isOut = (error) => error.passes || error.name === 'AbortError' || error.name === 'TimeoutError';

export class Door extends Model {
  isOffline = false;
  recent = [];
  keys = [];
  entries = new Map();
  door = localStorage.getItem(DOOR_KEY) ?? '';

  constructor(date) {
    super();
    this.date = date;
    this.scans = new Scans(signedIn().id, date.scheduleId);
  }

  static async read(scheduleId, signal) {
    const { items } = await get('/door-dates', { signal, attempts: 1 });
    const date = items.find((known) => known.scheduleId === scheduleId);
    if (!date) return { isMissing: true };
    const door = new Door(date);
    await door.open(signal);
    return door;
  }

  async open(signal) {
    const kept = await keptList(this.date.scheduleId);
    if (kept) this.take(kept);
    await this.readList(signal).catch((error) => {
      if (!kept || !isOut(error)) throw error;
      this.isOffline = true;
    });
    await this.readCount(signal).catch((error) => this.notePassing(error));
  }

  take({ items, keys, readAt }) {
    this.entries = new Map(items.map((entry) => [plainNumber(entry.number), entry]));
    Object.assign(this, { keys, readAt });
  }

  async readList(signal) {
    const { scheduleId } = this.date;
    const items = [];
    for (let cursor = ''; cursor !== null;) {
      const page = await get(`/schedules/${scheduleId}/door-list?limit=1000${cursor && `&cursor=${cursor}`}`, { signal, attempts: 1 });
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    const response = await fetch('/.well-known/jwks.json', { signal });
    const list = { items, keys: (await response.json()).keys, readAt: Date.now() };
    await keepList(scheduleId, list);
    this.take(list);
    this.isOffline = false;
    this.changed();
  }

  async readCount(signal) {
    this.count = await get(`/schedules/${this.date.scheduleId}/check-ins`, { signal, attempts: 1 });
    this.isOffline = false;
    this.changed();
  }

  notePassing(error) {
    if (!isOut(error)) throw error;
    this.isOffline = true;
    this.changed();
  }

  /** Sends what waits, counts, and reads the list again when it is old. Without a network nothing happens. */
  async tick(signal) {
    try {
      await this.send(signal);
      await this.readCount(signal);
      if (Date.now() - (this.readAt ?? 0) > LIST_TIME) await this.readList(signal);
    } catch (error) {
      if (!signal.aborted) this.notePassing(error);
    }
  }

  setDoor(name) {
    this.door = name;
    localStorage.setItem(DOOR_KEY, name);
    this.changed();
  }

  /** A code that the camera sees. */
  async saw(code) {
    if (this.isBusy || !this.door.trim()) return;
    if (this.last?.code === code && Date.now() - this.last.at < SAME_TIME) {
      this.last.at = Date.now();
      return;
    }
    this.last = { code, at: Date.now() };
    await this.scan({ code });
    this.last.at = Date.now();
  }

  /** Takes the next code for another scan, also if it is the same. */
  forgetLast() { this.last = undefined; }

  /** Scans a ticket by its code or by its number. */
  async scan(what) {
    this.isBusy = true;
    this.result = undefined;
    this.changed();
    try {
      this.show(await this.decide(what));
    } finally {
      this.isBusy = false;
      this.changed();
    }
  }

  show(result) {
    this.result = result;
    this.recent = [{ ...result, serial: (this.recent[0]?.serial ?? 0) + 1, at: now() }, ...this.recent].slice(0, RECENT);
    sound(result.kind);
  }

  /** What the service says of a scan; what the device knows while the service is not reached. */
  async decide(what) {
    const scannedAt = new Date(now()).toISOString();
    const body = { scheduleId: this.date.scheduleId, ...what, door: this.door.trim(), scannedAt };
    const scan = { key: newKey(), body };
    try {
      const entry = await this.checkIn(scan, AbortSignal.timeout(PATIENCE));
      return { kind: 'good', entry };
    } catch (error) {
      // A session that ended keeps no holder waiting: the page asks to sign in again beside it.
      if (isOut(error) || error.endsSession) return this.decideHere(scan);
      this.isOffline = false;
      return { kind: 'error', error, entry: await this.known(what) };
    }
  }

  async checkIn({ key, body }, signal) {
    const entry = await request('POST', '/check-ins', { body, headers: { 'idempotency-key': key }, attempts: 1, signal, read });
    this.isOffline = false;
    this.entries.set(plainNumber(entry.number), entry);
    return entry;
  }

  /** The ticket of a scan, as far as the device knows it. */
  async known({ code, number }) {
    const found = code ? (await readCode(code, this.keys))?.number : number;
    return found && this.entries.get(plainNumber(found));
  }

  async decideHere(scan) {
    this.isOffline = true;
    const { code, number } = scan.body;
    const signed = code && (await readCode(code, this.keys));
    if (code && !signed) return { kind: 'error', reason: 'door.forged' };
    if (signed && signed.scheduleId !== this.date.scheduleId) return { kind: 'error', reason: 'door.otherDate' };
    const plain = plainNumber(signed?.number ?? number);
    const entry = this.entries.get(plain);
    // A number that is told must be on the list; a signed code may be newer than that.
    if (!entry && !signed) return { kind: 'error', reason: 'door.unknown' };
    if (entry?.status === 'VOID') return { kind: 'error', reason: 'door.void', entry };
    const waiting = this.scans.waiting(plain);
    const first = entry?.checkIn ?? waiting?.body;
    if (first) return { kind: 'error', reason: 'door.twice', first, entry };
    this.scans.add({ ...scan, number: plain, shown: entry?.number ?? signed.number, holderName: entry?.holderName, seat: entry?.seat });
    return { kind: 'note', entry, isUnknown: !entry, shown: signed?.number ?? number };
  }

  /** Sends the scans that wait, in their order, until the service is not reached. What is refused is a conflict. */
  async send(signal) {
    for (const scan of this.scans.unsent()) {
      try {
        await this.checkIn(scan, signal);
        this.scans.drop(scan);
      } catch (error) {
        if (signal?.aborted || isOut(error) || error.endsSession) throw error;
        const { checkIn, startsAt } = error.body ?? {};
        this.scans.refuse(scan, { message: error.message, checkIn, startsAt });
      }
      this.changed();
    }
  }

  dismiss(scan) {
    this.scans.drop(scan);
    this.changed();
  }

  async undo(entry, reason) {
    const undone = await request('POST', `/check-ins/${entry.ticketId}/undo`, { body: { reason }, read });
    this.entries.set(plainNumber(undone.number), undone);
    this.recent = this.recent.filter((scan) => scan.entry?.ticketId !== entry.ticketId || scan.kind === 'error');
    this.result = undefined;
    await this.readCount().catch((error) => this.notePassing(error));
    this.changed();
  }

  /** The tickets that a text finds: the one with this number, or those whose holders' names contain it. */
  find(text, most = 8) {
    const wanted = text.trim().toLocaleLowerCase();
    if (!wanted) return [];
    const all = [...this.entries.values()].filter(({ status }) => status !== 'VOID');
    const numbered = isNumber(text) ? this.entries.get(plainNumber(text)) : undefined;
    return numbered ? [numbered] : all.filter(({ holderName }) => holderName.toLocaleLowerCase().includes(wanted)).slice(0, most);
  }

  /** The tickets that admit people, by the names of their holders. */
  sorted() {
    const all = [...this.entries.values()].filter(({ status }) => status !== 'VOID');
    return all.sort((one, other) => one.holderName.localeCompare(other.holderName) || one.seat.number - other.seat.number);
  }
}
