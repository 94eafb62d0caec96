// A ticket that is paid for.

import { useState } from 'preact/hooks';
import { get, now, post } from './api.js';
import { date, moment, placeOf, points, seatName, zoneOf } from './format.js';
import { Icon } from './icons.jsx';
import { go } from './router.js';
import { t } from './text.js';
import { Button, Failure, Notice } from './ui.jsx';

/** Until when a paid ticket can be cancelled: a date that was moved may give more time. */
function cancellableUntil({ cancellationClosesAt, moved }) {
  return [cancellationClosesAt, moved?.refundableUntil].filter(Boolean).sort().at(-1);
}

/** The way to cancel a paid ticket, as long as there is one. */
function Cancellation({ ticket }) {
  const [trouble, setTrouble] = useState();
  const until = cancellableUntil(ticket);
  if (!until || Date.parse(until) <= now()) return null;
  const cancel = async () => {
    if (!confirm(t('ticket.cancelSure', { price: points(ticket.totalPrice) }))) return;
    await post(`/reservations/${ticket.id}/cancellation`);
    await go(`/pages/tickets/${ticket.id}`, { replace: true });
  };
  return (
    <div class="screen-only">
      <p class="quiet">{t('ticket.cancelUntil', { at: moment(until, zoneOf(ticket)) })}</p>
      <Failure error={trouble} />
      <Button kind="plain" work={cancel} onFailure={setTrouble}>{t('ticket.cancel')}</Button>
    </div>
  );
}

/** A number that can be read aloud: the end of the id, in groups. */
const shortNumber = (id) => id.slice(-12).toUpperCase().replace(/(.{4})(?=.)/g, '$1 ');

function View({ data: { ticket, concert } }) {
  const { id, status } = ticket;
  const isPaid = status === 'CONFIRMED';
  return (
    <article class="card ticket">
      <h1>{t('ticket.title')}</h1>
      <h2>{concert.title}</h2>
      {ticket.startsAt && <p class="fact"><Icon name="calendar" />{date(ticket.startsAt, zoneOf(ticket))}</p>}
      {ticket.venue && <p class="fact"><Icon name="place" />{placeOf(ticket)}</p>}
      {ticket.moved && <Notice kind="note"><p>{t('ticket.moved', { from: date(ticket.moved.from, zoneOf(ticket)) })}</p></Notice>}
      {ticket.scheduleCancelReason && <Notice kind="error"><p>{t('ticket.dateCancelled', { reason: ticket.scheduleCancelReason })}</p></Notice>}
      <ul class="chips">{ticket.seats.map((seat) => <li key={seat.id}>{seatName(seat)}</li>)}</ul>
      {isPaid
        ? <img class="qr" src={`/api/v1/reservations/${id}/qr-code`} width={240} height={240} alt={t('ticket.qr', { id: shortNumber(id) })} />
        : <p class="tag">{t(`status.${status}`, { at: '' })}</p>}
      {isPaid && <p>{t('ticket.show')}</p>}
      {isPaid && <p>{t('ticket.paid')} <strong>{points(ticket.totalPrice)}</strong></p>}
      {status === 'CANCELLED' && <p>{t('ticket.refunded', { price: points(ticket.totalPrice) })}</p>}
      <p class="quiet">{t('ticket.id')} <code>{shortNumber(id)}</code></p>
      {isPaid && <div class="row center screen-only"><button type="button" onClick={() => print()}><Icon name="print" />{t('ticket.print')}</button></div>}
      {isPaid && <Cancellation ticket={ticket} />}
    </article>
  );
}

async function load({ params: [id], signal }) {
  const ticket = await get(`/reservations/${id}`, { signal });
  return { ticket, concert: await get(`/concerts/${ticket.concertId}`, { signal }) };
}

export const ticket = { refreshes: true, load, View };
