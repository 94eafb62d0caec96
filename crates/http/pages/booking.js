// From the queue to the ticket: one page with successive parts.

import { go } from './app.js';
import { get, now, pause, post } from './api.js';
import showCheckout from './checkout.js';
import showDates from './dates.js';
import { h } from './dom.js';
import { follow } from './events.js';
import showLine, { announceTurn } from './line.js';
import showSeats from './seats.js';
import { failure } from './session.js';
import { t } from './text.js';
import { timeToShop } from './time-to-shop.js';

/** What the parts of a booking share. */
class Booking {
  constructor(main, concert, signal) {
    this.main = main;
    this.concert = concert;
    this.pageSignal = signal;
  }

  /** Waits for booking to open, or joins the queue; continues with a hold in any case. */
  async start() {
    const opens = this.concert.bookingOpensAt && Date.parse(this.concert.bookingOpensAt);
    if (this.concert.bookable || !opens || opens <= now() || await this.ownHold()) return this.join();
    // Few see it, and those who wait do not: it is loaded when it is needed.
    const { default: showOpening } = await import('./opening.js');
    return this.enter('opening', showOpening);
  }

  /** Joins the queue, or returns to the position in it, and follows the position from then on. */
  async join() {
    const { token, ...place } = await this.issue();
    this.following?.abort();
    this.following = new AbortController();
    this.token = token;
    this.joinedAt = place.position;
    this.wasWaiting = false;
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
    follow({
      subject: `place ${this.place.id}`,
      path: '/queue-tokens/me/events',
      token: () => this.token,
      signal,
      // Once inside, the stream is the seats', and a poll now and then is enough.
      wantsStream: () => this.place.status === 'WAITING',
      take: (place) => {
        this.learn(place);
        return place.status !== 'EXPIRED';
      },
      poll: async (until) => {
        const place = await this.with((token) => get('/queue-tokens/me', { token, signal: until, attempts: 1 }));
        return { data: place, wait: place.pollAfterSeconds * 1000 };
      },
      snapshot: () => this.place,
      onState: (state, away) => this.onState?.(state, away),
    }).catch((error) => !signal.aborted && this.failed(error, () => this.join()));
  }

  /** Learns where the token stands. */
  async learn(place) {
    this.place = place;
    if (place.status === 'WAITING') {
      this.wasWaiting = true;
      if (this.part !== 'line') await this.enter('line', showLine);
    } else if (place.status === 'ACTIVE') {
      if (this.part === undefined || this.part === 'line') await this.enterShop();
    } else if (this.part === 'checkout') {
      // It was paid, maybe in another tab, or the hold's own time ended with the token's.
      this.onOver?.();
    } else if (this.part !== 'paid' && this.part !== 'over') {
      this.isOver(place);
    }
    this.onPlace?.(this.place);
  }

  async enterShop() {
    if (this.wasWaiting) announceTurn();
    this.part = 'shop';
    try {
      const own = await this.ownHold();
      await (own ? this.checkout(own) : this.dates());
    } catch (error) {
      this.failed(error, () => this.enterShop());
    }
  }

  /** One's live hold of this concert, if there is one. */
  async ownHold() {
    const path = '/reservations?status=HELD&limit=100';
    const { items } = await this.with((token) => get(path, { token, signal: this.pageSignal }));
    return items.find((item) => item.concertId === this.concert.id);
  }

  dates() { return this.enter('dates', showDates); }
  seats(schedule) { return this.enter('seats', showSeats, schedule); }
  checkout(reservation) { return this.enter('checkout', showCheckout, reservation); }

  /** The seats are paid for. */
  paid(reservation) {
    this.part = 'paid';
    return go(`/pages/tickets/${reservation.id}`, { replace: true });
  }

  /** Shows one part in the place of the last one. */
  async enter(part, show, ...rest) {
    this.part = part;
    const signal = this.leavePart();
    const section = h('section', { class: part });
    try {
      await show(this, section, signal, ...rest);
    } catch (error) {
      if (!signal.aborted) this.failed(error, () => this.enter(part, show, ...rest));
      return;
    }
    if (!signal.aborted) this.present(section);
  }

  /** Ends what the last part does; answers the signal that ends the next one. */
  leavePart() {
    this.partEnds?.abort();
    this.partEnds = new AbortController();
    this.onPlace = undefined;
    this.onState = undefined;
    this.onOver = undefined;
    return AbortSignal.any([this.pageSignal, this.partEnds.signal]);
  }

  present(section) {
    this.main.replaceChildren(h('p', { class: 'quiet' }, this.concert.title), section);
    const title = section.querySelector('h1');
    document.title = `${title.textContent} · ${this.concert.title}`;
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
    scrollTo(0, 0);
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
    const isInside = this.place?.status === 'ACTIVE';
    const button = h('button', { type: 'button', class: 'primary' }, t('again'));
    const retry = () => {
      button.disabled = true;
      this.retry(again);
    };
    button.addEventListener('click', retry);
    this.present(h('section', { class: 'narrow card' },
      h('h1', {}, t(isInside ? 'stuck.inside' : 'stuck.title')),
      isInside && timeToShop(this, signal),
      failure(error),
      isInside && h('p', {}, t('stuck.kept')),
      error.passes && h('p', {}, t('stuck.itself')),
      h('div', { class: 'row' }, button, h('a', { class: 'button', href: '/', 'data-link': true }, t('home')))));
    if (error.passes) pause((error.retryAfterSeconds ?? 10) * 1000, signal).then(retry, () => {});
  }

  isOver({ reason }) {
    this.part = 'over';
    this.leavePart();
    this.following?.abort();
    const title = t(`over.${reason ?? 'TIMED_OUT'}`);
    this.present(h('section', { class: 'narrow card' },
      h('h1', {}, title),
      h('button', { type: 'button', class: 'primary', onclick: () => this.retry(() => this.join()) }, t('over.again')),
      h('p', {}, h('a', { href: '/', 'data-link': true }, t('home')))));
  }
}

export default async function page({ main, params: [id], signal }) {
  const concert = await get(`/concerts/${id}`, { signal });
  const booking = new Booking(main, concert, signal);
  try {
    await booking.start();
  } catch (error) {
    // Without a session one signs in first.
    if (error.endsSession || signal.aborted) throw error;
    booking.stuck(error, () => booking.start());
  }
  return true;
}
