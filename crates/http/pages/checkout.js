// Paying for held seats.

import { get, now, post, remove } from './api.js';
import { h, notice, say } from './dom.js';
import { clock, countdown, number, points, seatName } from './format.js';
import { action } from './form.js';
import { everySecond } from './repeat.js';
import { failure } from './session.js';
import { t } from './text.js';

export default function showCheckout(booking, section, signal, held) {
  let reservation = held;
  let warned = false;
  let over = false;
  let reads = 0;
  const path = `/reservations/${held.id}`;
  const balance = h('strong');
  const trouble = h('div');
  const unknown = h('div');
  const actions = h('div', { class: 'row' });
  const left = h('p', { class: 'countdown', role: 'timer' });
  const ask = (work) => booking.with(work);

  /** Does one thing at a time; whatever comes of it, what the server then says of the hold is shown. */
  const attempt = (work) => action(trouble, async () => {
    // What is being read now is old once this is done.
    reads += 1;
    actions.querySelectorAll('button').forEach((button) => { button.disabled = true; });
    try {
      await ask(work);
    } catch (error) {
      if (signal.aborted) return;
      await refresh();
      if (!over && !signal.aborted) throw error;
    } finally {
      actions.querySelectorAll('button').forEach((button) => { button.disabled = false; });
    }
  });
  const pay = attempt(async (token) => {
    const paid = await post('/payments', { reservationId: held.id }, { token });
    if (paid.late) say(t('checkout.late'));
    await booking.paid(reservation);
  });
  const extend = attempt(async (token) => {
    await post(`${path}/extension`, undefined, { token });
    warned = false;
    await refresh();
  });
  const release = attempt(async (token) => {
    await remove(path, { token });
    await booking.dates();
  });
  const charge = (missing) => attempt(async (token) => {
    await post('/points/charges', { amount: missing }, { token });
    await refresh();
  });

  /** Reads the hold and the balance; what cannot be read is said, and the hold stays in sight. */
  async function refresh() {
    reads += 1;
    const read = reads;
    try {
      const [newest, account] = await Promise.all([
        ask((token) => get(path, { token, signal })), ask((token) => get('/points', { token, signal })),
      ]);
      if (read !== reads) return;
      unknown.replaceChildren();
      await learn(newest, account);
    } catch (error) {
      if (signal.aborted || read !== reads) return;
      unknown.replaceChildren(failure(error), h('button', { type: 'button', onclick: action(h('div'), refresh) }, t('again')));
    }
  }

  async function learn(newest, account) {
    reservation = newest;
    if (newest.status === 'CONFIRMED') return booking.paid(newest);
    if (newest.status === 'CANCELLED') return booking.dates();
    if (newest.status === 'EXPIRED') return expired();
    balance.textContent = points(account.balance);
    return offer(account);
  }

  /** What can be done with the hold; paying needs to know the balance. */
  function offer(account) {
    const { totalPrice, extendableUntil } = reservation;
    const button = (text, kind, work) => h('button', { type: 'button', class: kind, onclick: work }, text);
    const focused = actions.contains(document.activeElement) && document.activeElement;
    const missing = totalPrice - account?.balance;
    actions.replaceChildren(...[
      missing > 0 && h('p', {}, t('checkout.missing', { n: number(missing) })),
      missing > 0 && !account.directCharges && h('p', {}, t('points.noCharges')),
      missing > 0 && account.directCharges && button(t('checkout.charge', { n: number(missing) }), 'primary', charge(missing)),
      missing <= 0 && button(t('checkout.pay', { n: number(totalPrice) }), 'primary', pay),
      extendableUntil && button(t('checkout.extend', { at: clock(extendableUntil) }), null, extend),
      button(t('checkout.release'), 'plain', release),
    ].filter(Boolean));
    if (!focused) return;
    // The keyboard stays where it was, or comes to what can be done instead.
    const buttons = [...actions.querySelectorAll('button')];
    (buttons.find(({ textContent }) => textContent === focused.textContent) ?? buttons[0]).focus();
  }

  function expired() {
    over = true;
    left.textContent = t('checkout.expired');
    left.classList.add('over');
    say(t('checkout.expired'));
    trouble.replaceChildren();
    unknown.replaceChildren();
    actions.replaceChildren(h('button', {
      type: 'button', class: 'primary', onclick: () => booking.dates(),
    }, t('checkout.chooseAgain')));
  }

  booking.onOver = refresh;
  everySecond(signal, () => {
    const remaining = Date.parse(reservation.expiresAt) - now();
    if (over) return;
    if (remaining <= 0) {
      expired();
      return;
    }
    left.textContent = t('checkout.held', { time: countdown(remaining) });
    if (remaining < 60_000 && !warned) {
      warned = true;
      say(t('checkout.minuteLeft'));
    }
  });

  section.classList.add('narrow', 'card');
  section.append(
    h('h1', {}, t('checkout.title')),
    ...(booking.heldBefore === held.id ? [notice('note', t('checkout.already'))] : []),
    left,
    h('ul', { class: 'lines' }, reservation.seats.map((seat) => h('li', {},
      h('span', {}, seatName(seat)), h('span', {}, points(seat.price))))),
    h('p', { class: 'lines total' }, h('span', {}, t('seats.total')), h('strong', {}, points(reservation.totalPrice))),
    h('p', {}, t('checkout.balance'), ' ', balance),
    unknown, trouble, actions,
  );
  if (over) return;
  // The hold is shown at once; the balance follows.
  offer();
  refresh();
}
