// The parts of a booking, from the queue to the payment.

import { useLayoutEffect, useRef } from 'preact/hooks';
import { get } from './api.js';
import { Booking } from './booking-model.js';
import { stateOf } from './booking-state.jsx';
import { Checkout } from './checkout.jsx';
import { Dates } from './dates.jsx';
import { useModel } from './hooks.js';
import { Line } from './line.jsx';
import { Opening, Reminder } from './opening.jsx';
import { newestConcert } from './session.js';
import { t } from './text.js';
import { TimeToShop } from './time-to-shop.jsx';
import { Button, Empty, Failure, Link, Notice, Skeleton, problemText } from './ui.jsx';

/** Before booking opens: no user is in line yet. */
const NotOpen = ({ booking, signal }) => (
  <section class="narrow card">
    <h1>{t('opening.title')}</h1>
    <Opening concert={booking.concert} signal={signal} onOpen={() => booking.retry(() => booking.askWhetherOpen(signal))} />
    <Notice kind="note"><p>{t('opening.itself')}</p></Notice>
    <div class="row">
      <Reminder concert={booking.concert} />
      <Link class="button plain" href={`/pages/concerts/${booking.concert.id}`}>{t('opening.back')}</Link>
    </div>
  </section>
);

/** Something failed for longer than a moment. */
function Stuck({ booking, data: { error, retry } }) {
  const isInside = booking.place?.status === 'ACTIVE';
  return (
    <section class="narrow card">
      <h1>{t(isInside ? 'stuck.inside' : 'stuck.title')}</h1>
      {isInside && <TimeToShop booking={booking} />}
      <Failure error={error} />
      {isInside && <p>{t('stuck.kept')}</p>}
      {error.passes && <p>{t('stuck.itself')}</p>}
      <div class="row">
        <Button kind="primary" work={retry}>{t('again')}</Button>
        <Link class="button" href="/">{t('home')}</Link>
      </div>
    </section>
  );
}

const Over = ({ booking, data: { reason } }) => (
  <section class="narrow card">
    <Empty icon={reason === 'COMPLETED' ? 'check' : 'clock'}>
      <h1>{t(`over.${reason}`)}</h1>
      <p>{t(`over.how.${reason}`)}</p>
      <div class="row center">
        <Button kind="primary" work={() => booking.retry(() => booking.join())}>{t('over.again')}</Button>
        <Link class="button" href="/">{t('home')}</Link>
      </div>
    </Empty>
  </section>
);

/** States of a concert in which no date can be booked any more. */
const ENDED = ['closed', 'cancelled', 'ended'];

/** No date can be booked: sold out, closed, cancelled or past. */
function Nothing({ booking, data: { error } }) {
  const isSoldOut = error.code === 'SOLD_OUT';
  const state = stateOf(booking.concert);
  const isKnown = !isSoldOut && ENDED.includes(state);
  return (
    <section class="narrow card">
      <Empty icon="ticket">
        <h1>{t(isSoldOut ? 'none.soldOut' : isKnown ? `concert.${state}` : 'none.closed')}</h1>
        <p>{isKnown ? t(`concert.${state}How`) : problemText(error)}</p>
        <div class="row center">
          {isSoldOut && <Button work={() => booking.retry(() => booking.join())}>{t('concert.look')}</Button>}
          {isKnown && state === 'cancelled' && <Link class="button" href="/pages/tickets">{t('tickets.title')}</Link>}
          <Link class="button primary" href="/">{t('home')}</Link>
        </div>
      </Empty>
    </section>
  );
}

/** The seats, whose script is read when they are first shown. */
const Seats = ({ booking, data: { View: Shown, choice } }) => <Shown booking={booking} data={choice} />;

const PARTS = { opening: NotOpen, line: Line, dates: Dates, seats: Seats, checkout: Checkout, stuck: Stuck, over: Over, none: Nothing };

function View({ data: booking }) {
  useModel(booking);
  const here = useRef();
  const { part, data, signal, serial } = booking.shown;
  useLayoutEffect(() => {
    const title = here.current?.querySelector('h1');
    if (!title) return;
    document.title = `${title.textContent} · ${booking.concert.title}`;
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [serial]);
  const Part = PARTS[part];
  if (!Part) return <Skeleton />;
  return (
    <div ref={here} class={`booking ${part}`}>
      <p class="quiet"><Link href={`/pages/concerts/${booking.concert.id}`}>{booking.concert.title}</Link></p>
      <Part key={serial} booking={booking} data={data} signal={signal} />
    </div>
  );
}

async function load({ params: [id], signal, session }) {
  await session;
  const concert = newestConcert(id) ?? await get(`/concerts/${id}`, { signal });
  const made = new Booking(concert, signal);
  try {
    await made.start();
  } catch (error) {
    // Without a session one signs in first.
    if (error.endsSession || signal.aborted) throw error;
    made.stuck(error, () => made.start());
  }
  return made;
}

export const booking = { namesWindow: true, readsAhead: true, load, View };
