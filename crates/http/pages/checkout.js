// Paying for held seats.

import { get, now, once, remove } from './api.js';
import { h, notice, say } from './dom.js';
import { clock, countdown, number, points, seatName } from './format.js';
import { everySecond } from './repeat.js';
import { t } from './text.js';

export default async function showCheckout(booking, section, signal, held) {
  let reservation = held;
  const balance = h('strong');
  const trouble = h('div');
  const actions = h('div', { class: 'row' });
  const left = h('p', { class: 'countdown', role: 'timer' });
  let warned = false;
  let over = false;

  const attempt = (work) => async (event) => {
    const button = event.target;
    button.disabled = true;
    trouble.replaceChildren();
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      if (error.code === 'HOLD_EXPIRED') return ranOut();
      trouble.replaceChildren(notice('error', error.message));
      await refresh();
    } finally {
      button.disabled = false;
    }
    return undefined;
  };
  const pay = attempt(async () => {
    const paid = await once('/payments', { reservationId: reservation.id }, { token: booking.token });
    if (paid.late) say(t('checkout.late'));
    await booking.paid(reservation);
  });
  const extend = attempt(async () => {
    reservation = await once(`/reservations/${reservation.id}/extension`);
    warned = false;
    await refresh();
  });
  const giveBack = attempt(async () => {
    await remove(`/reservations/${reservation.id}`);
    await booking.dates();
  });
  const charge = (missing) => attempt(async () => {
    await once('/points/charges', { amount: missing });
    await refresh();
  });

  async function refresh() {
    const account = await get('/points', { signal });
    balance.textContent = points(account.balance);
    const missing = reservation.totalPrice - account.balance;
    actions.replaceChildren(...[
      ...(missing > 0
        ? [h('p', {}, t('checkout.missing', { n: number(missing) })),
          h('button', { type: 'button', class: 'primary', onclick: charge(missing) }, t('checkout.charge', { n: number(missing) }))]
        : [h('button', { type: 'button', class: 'primary', onclick: pay }, t('checkout.pay', { n: number(reservation.totalPrice) }))]),
      reservation.extendableUntil && h('button', { type: 'button', onclick: extend },
        t('checkout.extend', { at: clock(reservation.extendableUntil) })),
      h('button', { type: 'button', class: 'plain', onclick: giveBack }, t('checkout.giveBack')),
    ].filter(Boolean));
  }

  function ranOut() {
    left.textContent = t('checkout.ranOut');
    left.classList.add('over');
    say(t('checkout.ranOut'));
    trouble.replaceChildren();
    actions.replaceChildren(h('button', {
      type: 'button', class: 'primary', onclick: () => booking.dates(),
    }, t('checkout.chooseAgain')));
  }

  everySecond(signal, () => {
    const remaining = Date.parse(reservation.expiresAt) - now();
    if (over) return;
    if (remaining <= 0) {
      over = true;
      ranOut();
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
    left,
    h('ul', { class: 'lines' }, reservation.seats.map((seat) => h('li', {},
      h('span', {}, seatName(seat)), h('span', {}, points(seat.price))))),
    h('p', { class: 'lines total' }, h('span', {}, t('seats.total')), h('strong', {}, points(reservation.totalPrice))),
    h('p', {}, t('checkout.balance'), ' ', balance),
    trouble, actions,
  );
  if (!over) await refresh();
}
