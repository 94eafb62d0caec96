// The tickets that one holds: those that can be used first, held seats before them, the others folded away.

import { useState } from 'preact/hooks';
import { get, now } from './api.js';
import { concertsById } from './concerts-by-id.js';
import { clock, moment, points, seatName, zoneOf } from './format.js';
import { Icon } from './icons.jsx';
import { firstPage, useList } from './list.jsx';
import { CardPoster, turnOf } from './poster.jsx';
import { newestHolds } from './session.js';
import { t } from './text.js';
import { isValid } from './ticket-card.jsx';
import { Empty, Failure, Link, Skeleton } from './ui.jsx';

/** The most posters of the first view. */
const POSTERS_MAX = 2;

/** Whether a ticket can still be used. */
const isUsable = (ticket) => isValid(ticket) && Date.parse(ticket.endsAt) > now();

const Start = ({ of }) => of.startsAt && <p class="fact"><Icon name="calendar" />{moment(of.startsAt, zoneOf(of))}</p>;

function Hold({ hold: { reservation, concert }, index }) {
  return (
    <li class="card concert">
      <CardPoster concert={concert} turn={turnOf(index, POSTERS_MAX)} />
      <div class="body">
        <h2><Link class="cover" href={`/pages/concerts/${reservation.concertId}/book`}>{concert.title}</Link></h2>
        <Start of={reservation} />
        <p class="fact"><Icon name="seat" />{reservation.seats.map(seatName).join(' · ')}</p>
        <p>{points(reservation.totalPrice)}</p>
        <p class="tag soon">{t('status.HELD', { at: clock(reservation.expiresAt, zoneOf(concert)) })}</p>
      </div>
    </li>
  );
}

/** What a ticket is in a word or two. */
function State({ ticket }) {
  if (!isValid(ticket)) return <p class="tag">{t('ticket.VOID')}</p>;
  if (ticket.scheduleCancelReason) return <p class="tag soon">{t('concert.cancelled')}</p>;
  return isUsable(ticket) ? <p class="tag good">{t('ticket.VALID')}</p> : <p class="tag">{t('tickets.ended')}</p>;
}

function Ticket({ entry: { ticket, concert }, index }) {
  return (
    <li class="card concert">
      <CardPoster concert={concert} turn={turnOf(index, POSTERS_MAX)} />
      <div class="body">
        <h2><Link class="cover" href={`/pages/tickets/${ticket.id}`}>{ticket.title}</Link></h2>
        <Start of={ticket} />
        <p class="fact"><Icon name="seat" />{seatName(ticket.seat)}</p>
        <p class="fact"><Icon name="ticket" /><code>{ticket.number}</code></p>
        <State ticket={ticket} />
      </div>
    </li>
  );
}

/** One's reservations: what the user paid for, also if another user has a ticket now. */
function Reservations({ first, signal }) {
  const { items, more } = useList(first, signal);
  if (!items.length) return <Empty icon="ticket"><p>{t('tickets.noReservations')}</p></Empty>;
  return (
    <>
      <ul class="cards">
        {items.map(({ reservation, concert }) => (
          <li class="card" key={reservation.id}>
            <h2><Link href={`/pages/reservations/${reservation.id}`}>{concert.title}</Link></h2>
            <p class="fact"><Icon name="seat" />{reservation.seats.map(seatName).join(' · ')}</p>
            <p>{points(reservation.totalPrice)} · {moment(reservation.createdAt)}</p>
            <p class={`tag ${reservation.status === 'CONFIRMED' ? 'good' : ''}`}>{t(`status.${reservation.status}`, { at: clock(reservation.expiresAt, zoneOf(concert)) })}</p>
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}

/** The reservations, which are read when they are unfolded. */
function Folded({ signal }) {
  const [{ first, error }, setState] = useState({});
  const read = async () => {
    setState({});
    const complete = async (reservations) => {
      const concerts = await concertsById(reservations.map(({ concertId }) => concertId), signal);
      return reservations.map((reservation) => ({ reservation, concert: concerts.get(reservation.concertId) }));
    };
    try {
      setState({ first: await firstPage('/reservations', signal, complete) });
    } catch (failure) {
      if (!signal.aborted) setState({ error: failure });
    }
  };
  return (
    <details class="past" onToggle={({ currentTarget }) => currentTarget.open && read()}>
      <summary>{t('tickets.reservations')}</summary>
      {first ? <Reservations first={first} signal={signal} /> : error ? <Failure error={error} again={read} /> : <Skeleton />}
    </details>
  );
}

function View({ data: { list, holds }, signal }) {
  const { items, more } = useList(list, signal);
  const cards = (entries, before = 0) => entries.map((entry, index) => <Ticket key={entry.ticket.id} entry={entry} index={index + before} />);
  const usable = items.filter(({ ticket }) => isUsable(ticket));
  const past = items.filter(({ ticket }) => !isUsable(ticket));
  return (
    <>
      <h1>{t('tickets.title')}</h1>
      {holds.length + usable.length > 0
        ? <ul class="cards">{holds.map((hold, index) => <Hold key={hold.reservation.id} hold={hold} index={index} />)}{cards(usable, holds.length)}</ul>
        : <Empty icon="ticket"><p>{t('tickets.none')}</p><Link class="button primary" href="/">{t('home')}</Link></Empty>}
      {past.length > 0 && <details class="past"><summary>{t('tickets.past', { n: past.length })}</summary><ul class="cards">{cards(past)}</ul></details>}
      {more}
      <Folded signal={signal} />
    </>
  );
}

/** A hold with when its performance starts: the concert lists its next dates. */
async function withStart(reservation, concert, signal) {
  const date = concert.dates.find(({ scheduleId }) => scheduleId === reservation.scheduleId);
  return date ? { ...reservation, startsAt: date.startsAt, venue: concert.venue } : get(`/reservations/${reservation.id}`, { signal });
}

/** Reads the tickets and the live holds, and all their concerts with one request. */
async function load({ signal }) {
  const held = newestHolds() ?? (await get('/reservations?status=HELD&limit=100', { signal })).items;
  let concerts;
  const complete = async (tickets) => {
    concerts = await concertsById([...held, ...tickets].map(({ concertId }) => concertId), signal);
    return tickets.map((ticket) => ({ ticket, concert: concerts.get(ticket.concertId) }));
  };
  const list = await firstPage('/tickets', signal, complete);
  const holds = held.map(async (reservation) => {
    const concert = concerts.get(reservation.concertId);
    return { concert, reservation: await withStart(reservation, concert, signal) };
  });
  return { list, holds: await Promise.all(holds) };
}

export const tickets = { load, View };
