// Paying for held seats.

import { useEffect, useRef } from 'preact/hooks';
import { now } from './api.js';
import { clock, countdown, date, number, points, seatName } from './format.js';
import { useModel, useSeconds } from './hooks.js';
import { Icon } from './icons.jsx';
import { t } from './text.js';
import { Button, Failure, Notice } from './ui.jsx';

/** How long the seats are held. */
function Held({ expiresAt }) {
  useSeconds();
  const left = Date.parse(expiresAt) - now();
  return (
    <p class={`countdown${left < 60_000 ? ' urgent' : ''}`} role="timer">
      <Icon name="clock" />{t('checkout.held', { time: countdown(left) })}
    </p>
  );
}

/** What can be done with the hold; paying needs to know the balance. */
function Actions({ checkout }) {
  const { account, isBusy, zone, reservation: { totalPrice, extendableUntil } } = checkout;
  const box = useRef();
  useEffect(() => {
    // The keyboard comes to what can be done instead of what it was at.
    if (document.activeElement === document.body && checkout.keyboardWasHere) box.current.querySelector('button:enabled')?.focus();
    checkout.keyboardWasHere = box.current.contains(document.activeElement);
  });
  const missing = totalPrice - account?.balance;
  const act = (key, kind, work, text) => (
    <button key={key} type="button" class={kind} disabled={isBusy} onClick={work}>{text}</button>
  );
  return (
    <div class="actions" ref={box} onFocusIn={() => { checkout.keyboardWasHere = true; }}>
      {missing > 0 && <p>{t('checkout.missing', { n: number(missing) })}</p>}
      {missing > 0 && !account.directCharges && <p>{t('points.noCharges')}</p>}
      {missing > 0 && account.directCharges
        && act('next', 'primary', () => checkout.charge(missing), t('checkout.charge', { n: number(missing) }))}
      {missing <= 0 && act('next', 'primary', () => checkout.pay(), t('checkout.pay', { n: number(totalPrice) }))}
      {extendableUntil && act('extend', undefined, () => checkout.extend(), t('checkout.extend', { at: clock(extendableUntil, zone) }))}
      {act('release', 'plain', () => checkout.release(), t('checkout.release'))}
    </div>
  );
}

export function Checkout({ booking, data: checkout }) {
  useModel(checkout);
  const { reservation, account, isOver, unknown, trouble } = checkout;
  return (
    <section class="narrow card">
      <h1>{t('checkout.title')}</h1>
      {checkout.wasHeldBefore && <Notice kind="note"><p>{t('checkout.already')}</p></Notice>}
      {isOver ? <p class="countdown over">{t('checkout.expired')}</p> : <Held expiresAt={reservation.expiresAt} />}
      {checkout.startsAt && <p class="fact"><Icon name="calendar" />{date(checkout.startsAt, checkout.zone)}</p>}
      <ul class="lines">
        {reservation.seats.map((seat) => <li key={seat.id}><span>{seatName(seat)}</span><span>{points(seat.price)}</span></li>)}
      </ul>
      <p class="lines total"><span>{t('seats.total')}</span><strong>{points(reservation.totalPrice)}</strong></p>
      <p class="lines"><span>{t('checkout.balance')}</span><strong>{account && points(account.balance)}</strong></p>
      {unknown && <Failure error={unknown} />}
      {unknown && <Button work={() => checkout.refresh()}>{t('again')}</Button>}
      <Failure error={trouble} />
      {isOver
        ? <Button kind="primary" work={() => booking.dates()}>{t('checkout.chooseAgain')}</Button>
        : <Actions checkout={checkout} />}
    </section>
  );
}
