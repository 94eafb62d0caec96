// From the queue to the ticket: one page with successive parts, and what they share.

import { get, now, pause, post } from './api.js';
import { follow } from './events.js';
import { Model } from './model.js';
import { announceTurn } from './notify.js';
import { go } from './router.js';
import { forgetHolds, newestHolds } from './session.js';
import { standing } from './standing.js';
import { dateAtOnce, loadDates, readDates } from './dates-model.js';
import { QueueReader, isLong } from './queue-reader.js';
import { readSeatPage } from './scripts.js';
import { SeatFeed } from './seat-feed.js';
import { readPlan } from './seat-reads.js';
import { Checkout } from './checkout-model.js';

/** Refusals to join that a fan can do nothing about now. */
const NOTHING_TO_BOOK = ['SOLD_OUT', 'NOTHING_TO_BOOK', 'BOOKING_CLOSED'];

/** `shown` is the part in sight: its name, its data, its signal, and a number that rises with each. */
export class Booking extends Model {
  constructor(concert, signal) {
    super();
    this.concert = concert;
    this.readAt = Date.now();
    this.pageSignal = signal;
    this.shown = { serial: 0 };
    addEventListener('popstate', () => this.moved(), { signal });
  }

  /** Waits for booking to open, or joins the queue; continues with a hold in any case. */
  async start() {
    const opens = this.concert.bookingOpensAt && Date.parse(this.concert.bookingOpensAt);
    if (this.concert.bookable || !opens || opens <= now() || await this.ownHold()) return this.join();
    return this.enter('opening');
  }

  /** Asks whether booking has opened, for clocks differ, and joins the queue then. */
  async askWhetherOpen(signal) {
    Object.assign(this.concert, await get(`/concerts/${this.concert.id}`, { signal }));
    if (this.concert.bookable || !(Date.parse(this.concert.bookingOpensAt) > now())) await this.join();
    else this.changed();
  }

  /** Joins the queue, or returns to the position in it, and follows the position from then on. */
  async join() {
    const issued = await this.issue().catch((error) => {
      if (!NOTHING_TO_BOOK.includes(error.code)) throw error;
      this.nothingToBook(error);
    });
    if (!issued) return;
    const { token, ...place } = issued;
    this.following?.abort();
    this.following = new AbortController();
    this.token = token;
    this.joinedAt = place.position;
    this.wasWaiting = false;
    this.connection = undefined;
    this.part = undefined;
    await this.learn(place);
    if (place.status !== 'EXPIRED') this.follow(AbortSignal.any([this.pageSignal, this.following.signal]));
  }

  issue() { return post(`/concerts/${this.concert.id}/queue-tokens`, undefined, { signal: this.pageSignal }); }

  /** Does `work` with the queue token; one that is no longer accepted is issued anew, once. */
  async with(work) {
    try {
      return await work(this.token);
    } catch (error) {
      if (!error.endsSession || !this.token) throw error;
      await this.renew();
      return work(this.token);
    }
  }

  /** Has the same queue token issued anew. */
  async renew() {
    const { token, ...place } = await this.issue();
    if (place.id === this.place.id) this.token = token;
    else await this.join();
  }

  follow(signal) {
    const ask = (until) => this.with((token) => get('/queue-tokens/me', { token, signal: until, attempts: 1 }));
    const reader = new QueueReader(ask, Date.now());
    follow({
      subject: `place ${this.place.id}`,
      path: '/queue-tokens/me/events',
      token: () => this.token,
      signal,
      // Once inside, the stream is the seats', and a poll now and then is enough, as in a long queue.
      wantsStream: () => this.place.status === 'WAITING' && !isLong(this.place),
      take: (place) => {
        this.learn(place);
        return place.status !== 'EXPIRED';
      },
      poll: async (until) => {
        const place = await reader.read(this.place, until);
        return { data: place, wait: place.pollAfterSeconds * 1000 };
      },
      snapshot: () => this.place,
      // The token of an admitted user was just read.
      rest: this.place.status === 'ACTIVE' ? this.place.pollAfterSeconds * 1000 : 0,
      onState: (state, away) => this.connected(state, away),
    }).catch((error) => !signal.aborted && this.failed(error, () => this.join()));
  }

  /** Notes that the connection is lost, or that the page was away; what it was away stays in sight until the next loss. */
  connected(state, away) {
    if (state === 'live' && !away) {
      if (this.connection?.away) return;
      this.connection = undefined;
    } else {
      this.connection = { away };
    }
    this.changed();
  }

  /** Learns where the token stands. */
  async learn(place) {
    this.place = place;
    standing.learn(this.concert, place, this.token);
    if (place.status === 'WAITING') {
      this.wasWaiting = true;
      if (this.part !== 'line') await this.enter('line');
    } else if (place.status === 'ACTIVE') {
      if (this.part === undefined || this.part === 'line') await this.enterShop();
    } else if (this.part === 'checkout') {
      // It was paid, maybe in another tab, or the hold's own time ended with the token's.
      this.shown.data?.refresh();
    } else if (this.part !== 'paid' && this.part !== 'over') {
      this.isOver(place);
    }
    this.changed();
  }

  async enterShop() {
    if (this.wasWaiting) announceTurn();
    this.part = 'shop';
    try {
      const known = !this.wasWaiting && this.holdOf(newestHolds());
      if (known) {
        await this.checkout(known);
        return;
      }
      // Meanwhile the browser loads the script that is needed next if there is no choice of dates.
      if (this.concert.dates.length === 1) readSeatPage().catch(() => {});
      const atOnce = dateAtOnce(this);
      const dates = atOnce ? undefined : readDates(this, this.pageSignal);
      dates?.catch(() => {});
      const own = await this.ownHold();
      if (own) await this.checkout(own);
      else await (atOnce ? this.seats(atOnce) : this.dates(dates));
    } catch (error) {
      this.failed(error, () => this.enterShop());
    }
  }

  /** One's live hold of this concert, if there is one; read `anew` when one may have been made since the session was read. */
  async ownHold({ anew = false } = {}) {
    if (anew) forgetHolds();
    const path = '/reservations?status=HELD&limit=100';
    const items = (!this.wasWaiting && newestHolds()) || (await this.with((token) => get(path, { token, signal: this.pageSignal }))).items;
    return this.holdOf(items);
  }

  holdOf(holds) { return holds?.find((item) => item.concertId === this.concert.id); }

  /** Shows the dates, which may be on their way. */
  dates(onTheirWay) {
    let first = onTheirWay;
    return this.enter('dates', (signal) => {
      const reading = first ?? readDates(this, signal);
      first = undefined;
      return loadDates(this, reading);
    });
  }

  seats(schedule) {
    this.choseDate = true;
    return this.enter('seats', async (signal) => {
      const feed = new SeatFeed(this, schedule, signal);
      const [{ SeatChoice, Seats }, plan] = await Promise.all([
        readSeatPage(),
        this.with((token) => readPlan(schedule.id, { token, signal })),
        feed.known,
      ]);
      return { View: Seats, choice: new SeatChoice(this, signal, { schedule, plan, feed }) };
    });
  }

  /** Shows the seats of a date that the user chose: the browser's Back leads to the dates again, and Forward to the seats. */
  choose(schedule) {
    this.chosenDate = schedule;
    history.pushState({ date: schedule.id }, '', location.href);
    return this.seats(schedule);
  }

  /** Back to the dates. */
  chooseAgain() {
    if (history.state?.date) history.back();
    else this.dates();
  }

  moved() {
    const { date } = history.state ?? {};
    if (this.part === 'seats' && this.manyDates && !date) this.dates();
    if (this.part === 'dates' && date && this.chosenDate?.id === date) this.seats(this.chosenDate);
  }

  checkout(reservation) {
    forgetHolds();
    return this.enter('checkout', (signal) => new Checkout(this, signal, reservation));
  }

  /** The seats are paid for. */
  paid(reservation) {
    this.part = 'paid';
    standing.forget();
    return go(`/pages/reservations/${reservation.id}`, { replace: true });
  }

  /** Shows one part in the place of the last one, once its data are there. */
  async enter(part, load = () => {}) {
    this.part = part;
    const signal = this.leavePart();
    let data;
    try {
      data = await load(signal);
    } catch (error) {
      if (!signal.aborted) this.failed(error, () => this.enter(part, load));
      return;
    }
    if (!signal.aborted) this.present(part, data, signal);
  }

  /** Ends what the last part does; answers the signal that ends the next one. */
  leavePart() {
    this.partEnds?.abort();
    this.partEnds = new AbortController();
    return AbortSignal.any([this.pageSignal, this.partEnds.signal]);
  }

  present(part, data, signal) {
    this.shown = { part, data, signal, serial: this.shown.serial + 1 };
    this.changed();
  }

  /** Something failed for longer than a moment: learns why where it can, and says how to go on. */
  async failed(error, again) {
    if (this.pageSignal.aborted) return;
    const { part } = this;
    if (error.code === 'TOKEN_EXPIRED' || error.code === 'TOKEN_WAITING') {
      try {
        await this.learn(await get('/queue-tokens/me', { token: this.token, signal: this.pageSignal }));
      } catch (another) {
        this.stuck(another, again);
        return;
      }
      if (this.part !== part) return;
    }
    this.stuck(error, again);
  }

  async retry(again) {
    try {
      await again();
    } catch (error) {
      this.failed(error, again);
    }
  }

  /** Says what failed and what is known of the position; tries again by itself if that may help. */
  stuck(error, again) {
    if (this.pageSignal.aborted) return;
    this.part = 'stuck';
    const signal = this.leavePart();
    const retry = () => this.retry(again);
    this.present('stuck', { error, retry }, signal);
    if (error.passes) pause((error.retryAfterSeconds ?? 10) * 1000, signal).then(retry, () => {});
  }

  isOver({ reason }) {
    this.part = 'over';
    standing.forget();
    this.following?.abort();
    this.present('over', { reason: reason ?? 'TIMED_OUT' }, this.leavePart());
  }

  nothingToBook(error) {
    this.part = 'over';
    this.present('none', { error }, this.leavePart());
  }
}
