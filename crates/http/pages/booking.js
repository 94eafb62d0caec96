// From the line to the ticket: one page whose parts follow one another.

import { go } from './app.js';
import { get, post } from './api.js';
import showCheckout from './checkout.js';
import showDates from './dates.js';
import { h } from './dom.js';
import { follow } from './events.js';
import showLine, { announceTurn } from './line.js';
import showSeats from './seats.js';
import { t } from './text.js';

/** What the parts of a booking share. */
class Booking {
  constructor(main, concert, signal) {
    this.main = main;
    this.concert = concert;
    this.pageSignal = signal;
  }

  /** Joins the line, or comes back to one's place in it, and follows the place from then on. */
  async join() {
    const { token, ...place } = await post(`/concerts/${this.concert.id}/queue-tokens`, undefined, { signal: this.pageSignal });
    this.token = token;
    this.joinedAt = place.position;
    this.wasWaiting = false;
    this.part = undefined;
    await this.take(place);
    this.follow();
  }

  follow() {
    const { token, pageSignal: signal } = this;
    const current = () => this.token === token && !signal.aborted;
    follow({
      path: '/queue-tokens/me/events',
      token,
      signal,
      take: (_, place) => {
        if (current()) this.take(place);
        return current() && place.status !== 'EXPIRED';
      },
      poll: async () => {
        const place = await get('/queue-tokens/me', { token, signal });
        if (current()) this.take(place);
        return current() && place.pollAfterSeconds !== null ? place.pollAfterSeconds * 1000 : null;
      },
      onState: (state) => current() && this.onState?.(state),
    }).catch(() => current() && this.isOver({}));
  }

  /** Learns where the token stands. */
  async take(place) {
    this.place = place;
    if (place.status === 'WAITING') {
      this.wasWaiting = true;
      if (this.part !== 'line') await this.enter('line', showLine);
      this.onPlace?.(place);
    } else if (place.status === 'ACTIVE') {
      if (this.part === undefined || this.part === 'line') await this.enterShop();
      this.onPlace?.(place);
    } else if (this.part !== 'paid' && !(this.part === 'checkout' && place.reason === 'COMPLETED')) {
      // A payment of ours leads to the ticket by itself.
      this.isOver(place);
    }
  }

  async enterShop() {
    if (this.wasWaiting) announceTurn();
    const held = await get('/reservations?status=HELD&limit=100', { signal: this.pageSignal });
    const own = held.items.find((item) => item.concertId === this.concert.id);
    return own ? this.checkout(own) : this.dates();
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
    this.partEnds?.abort();
    this.partEnds = new AbortController();
    this.onPlace = undefined;
    this.onState = undefined;
    const signal = AbortSignal.any([this.pageSignal, this.partEnds.signal]);
    const section = h('section', { class: part });
    try {
      await show(this, section, signal, ...rest);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (!signal.aborted) this.present(section);
  }

  present(section) {
    this.main.replaceChildren(h('p', { class: 'quiet' }, this.concert.title), section);
    const title = section.querySelector('h1');
    document.title = `${title.textContent} · ${this.concert.title}`;
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  isOver({ reason }) {
    this.part = 'over';
    this.token = undefined;
    this.partEnds?.abort();
    const title = t(`over.${reason ?? 'TIMED_OUT'}`);
    this.present(h('section', { class: 'narrow card' },
      h('h1', {}, title),
      h('button', { type: 'button', class: 'primary', onclick: () => this.join() }, t('over.again')),
      h('p', {}, h('a', { href: '/', 'data-link': true }, t('home')))));
  }
}

export default async function page({ main, params: [id], signal }) {
  const concert = await get(`/concerts/${id}`, { signal });
  await new Booking(main, concert, signal).join();
  return true;
}
