// The page of a reservation: the tickets of its seats, and the way to cancel all of them.

import { useState } from 'preact/hooks';
import { all, get, now, post } from './api.js';
import { clock, date, moment, placeOf, points, seatName, zoneOf } from './format.js';
import { useShown } from './hooks.js';
import { Icon } from './icons.jsx';
import { go, router } from './router.js';
import { t } from './text.js';
import { DateNews, isValid, Print, TicketCard } from './ticket-card.jsx';
import { Button, Failure, Link, Notice } from './ui.jsx';

/** Until when a paid reservation can be cancelled: a date that was moved may give more time. */
function cancellableUntil({ cancellationClosesAt, moved }) {
  return [cancellationClosesAt, moved?.refundableUntil].filter(Boolean).sort().at(-1);
}

/** Whether another user has the ticket of one of the seats. */
const isTransferred = ({ seats }, tickets) => tickets.length > 0 && seats.some(({ id }) => !tickets.some((ticket) => isValid(ticket) && ticket.seat.id === id));

/** The way to cancel all tickets, as long as there is one. A single ticket has its own. */
function Cancellation({ reservation, tickets }) {
  const [trouble, setTrouble] = useState();
  const until = cancellableUntil(reservation);
  if (!until || Date.parse(until) <= now() || reservation.complimentary) return null;
  const cancel = async () => {
    if (!confirm(t('reservation.cancelSure', { price: points(reservation.totalPrice) }))) return;
    try {
      await post(`/reservations/${reservation.id}/cancellation`);
    } catch (error) {
      // What the page shows may be out of date.
      if (error.status === 409) router.refresh();
      throw error;
    }
    await go(`/pages/reservations/${reservation.id}`, { replace: true });
  };
  return (
    <>
      <p class="quiet">{t('ticket.cancelUntil', { at: moment(until, zoneOf(reservation)) })}</p>
      <Failure error={trouble} />
      {isTransferred(reservation, tickets)
        ? <p>{t('reservation.transferred')}</p>
        : reservation.seats.length > 1 && <Button kind="plain" work={cancel} onFailure={setTrouble}>{t('reservation.cancel')}</Button>}
    </>
  );
}

/** What a reservation is while no ticket belongs to it: held, expired, released, or paid a moment ago. */
const WithoutTickets = ({ reservation, title }) => (
  <section class="card narrow">
    <h2>{title}</h2>
    {reservation.startsAt && <p class="fact"><Icon name="calendar" />{date(reservation.startsAt, zoneOf(reservation))}</p>}
    {reservation.venue && <p class="fact"><Icon name="place" />{placeOf(reservation)}</p>}
    <ul class="chips">{reservation.seats.map((seat) => <li key={seat.id}>{seatName(seat)}</li>)}</ul>
    {reservation.status === 'HELD' && <Link class="button primary" href={`/pages/concerts/${reservation.concertId}/book`}>{t('live.pay')}</Link>}
    {reservation.status === 'CONFIRMED' && (
      <>
        <Notice kind="note"><p>{t('reservation.soon')}</p></Notice>
        <Button work={() => router.refresh()}>{t('concert.look')}</Button>
      </>
    )}
  </section>
);

/** What was paid, or refunded, for all tickets together. */
function Sums({ reservation, tickets }) {
  const refunds = tickets.filter(({ voidReason }) => voidReason === 'SEAT_CANCELLED').map(({ seat }) => seat.price);
  const isCancelled = reservation.status === 'CANCELLED';
  const refunded = refunds.reduce((sum, price) => sum + price, isCancelled ? reservation.totalPrice : 0);
  if (reservation.complimentary) return <p>{t('reservation.complimentary')}</p>;
  return (
    <>
      {!isCancelled && <p>{t('ticket.paid')} <strong>{points(reservation.totalPrice)}</strong></p>}
      {refunded > 0 && <p>{t('ticket.refunded', { price: points(refunded) })}</p>}
    </>
  );
}

/** Tickets by their seats, the valid ones first. */
const sorted = (tickets) => tickets.toSorted((one, other) => isValid(other) - isValid(one) || one.seat.number - other.seat.number);

function View({ data }) {
  const [{ reservation, tickets, title }, setShown] = useShown(data);
  const isPaid = reservation.status === 'CONFIRMED';
  const changed = (ticket, newest) => setShown((known) => ({
    title,
    reservation: { ...known.reservation, ...newest },
    tickets: known.tickets.map((one) => (one.id === ticket.id ? ticket : one)),
  }));
  return (
    <>
      <header class="screen-only center">
        <h1>{t('reservation.title')}</h1>
        <p><span class={`tag ${isPaid ? 'good' : ''}`}>{t(`status.${reservation.status}`, { at: clock(reservation.expiresAt, zoneOf(reservation)) })}</span></p>
        {tickets.some(isValid) && <div class="row center"><Print /></div>}
      </header>
      <DateNews of={reservation} />
      {!tickets.length && <WithoutTickets reservation={reservation} title={title} />}
      <ul class="tickets">{sorted(tickets).map((ticket, index) => <TicketCard key={ticket.id} ticket={ticket} isFirst={!index} onChange={changed} />)}</ul>
      {tickets.length > 0 && (
        <section class="card narrow center screen-only">
          <h2>{t('reservation.whole')}</h2>
          <Sums reservation={reservation} tickets={tickets} />
          {isPaid && <Cancellation reservation={reservation} tickets={tickets} />}
        </section>
      )}
    </>
  );
}

async function load({ params: [id], signal }) {
  const [reservation, tickets] = await Promise.all([get(`/reservations/${id}`, { signal }), all(`/tickets?reservationId=${id}`, { signal })]);
  const { title } = tickets[0] ?? await get(`/concerts/${reservation.concertId}`, { signal });
  return { reservation, tickets, title };
}

export const reservation = { refreshes: true, load, View };
