// One's reservations: those that can be used first, the others folded away.

import { get } from './api.js';
import { concertsById } from './concerts-by-id.js';
import { clock, moment, points, seatName, zoneOf } from './format.js';
import { Icon } from './icons.jsx';
import { firstPage, useList } from './list.jsx';
import { CardPoster, turnOf } from './poster.jsx';
import { t } from './text.js';
import { Empty, Link } from './ui.jsx';

/** The most posters of the first view. */
const POSTERS_MAX = 2;

const isLive = ({ status }) => status === 'HELD' || status === 'CONFIRMED';

function Card({ reservation, concert, index }) {
  const isHeld = reservation.status === 'HELD';
  const target = isHeld ? `/pages/concerts/${reservation.concertId}/book` : `/pages/tickets/${reservation.id}`;
  return (
    <li class="card concert">
      <CardPoster concert={concert} turn={turnOf(index, POSTERS_MAX)} />
      <div class="body">
        <h2>{reservation.status === 'EXPIRED' ? concert.title : <Link class="cover" href={target}>{concert.title}</Link>}</h2>
        {reservation.startsAt && <p class="fact"><Icon name="calendar" />{moment(reservation.startsAt, zoneOf(reservation))}</p>}
        <p class="fact"><Icon name="seat" />{reservation.seats.map(seatName).join(' · ')}</p>
        <p>{points(reservation.totalPrice)}</p>
        <p class={`tag ${isLive(reservation) ? 'good' : ''}`}>{t(`status.${reservation.status}`, { at: clock(reservation.expiresAt, zoneOf(concert)) })}</p>
      </div>
    </li>
  );
}

function View({ data, signal }) {
  const { items, more } = useList(data, signal);
  const cards = (reservations) => (
    <ul class="cards">{reservations.map(({ reservation, concert }, index) => <Card key={reservation.id} reservation={reservation} concert={concert} index={index} />)}</ul>
  );
  const live = items.filter(({ reservation }) => isLive(reservation));
  const past = items.filter(({ reservation }) => !isLive(reservation));
  return (
    <>
      <h1>{t('tickets.title')}</h1>
      {live.length ? cards(live) : <Empty icon="ticket"><p>{t('tickets.none')}</p><Link class="button primary" href="/">{t('home')}</Link></Empty>}
      {past.length > 0 && <details class="past"><summary>{t('tickets.past', { n: past.length })}</summary>{cards(past)}</details>}
      {more}
    </>
  );
}

/** A reservation with when its performance starts: the concert lists its next dates. */
async function withStart(reservation, concert, signal) {
  const date = concert.dates.find(({ scheduleId }) => scheduleId === reservation.scheduleId);
  return date ? { ...reservation, startsAt: date.startsAt, venue: concert.venue } : get(`/reservations/${reservation.id}`, { signal });
}

/** Reads what the cards show besides: the concert, and when a live reservation's performance starts. */
const complete = (signal) => async (reservations) => {
  const concerts = await concertsById(reservations.map(({ concertId }) => concertId), signal);
  return Promise.all(reservations.map(async (reservation) => ({
    reservation: isLive(reservation) ? await withStart(reservation, concerts.get(reservation.concertId), signal) : reservation,
    concert: concerts.get(reservation.concertId),
  })));
};

export const tickets = { load: ({ signal }) => firstPage('/reservations', signal, complete(signal)), View };
