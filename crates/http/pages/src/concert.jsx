// One concert, and the way into its queue.

import { useEffect } from 'preact/hooks';
import { get, now, pause } from './api.js';
import { BookingState, DateState, stateOf } from './booking-state.jsx';
import { date, number, placeOf, points, zoneOf } from './format.js';
import { Icon } from './icons.jsx';
import { Poster } from './poster.jsx';
import { saveReminder } from './reminder.js';
import { router } from './router.js';
import { signedIn } from './session.js';
import { t } from './text.js';
import { Countdown, Link } from './ui.jsx';

/** The longest time that a browser's timer takes, in milliseconds. */
const TIMER_MAX = 2 ** 31 - 1;

const Fact = ({ icon, children }) => <li class="fact"><Icon name={icon} /><span>{children}</span></li>;

/** The time until booking opens; the page is read anew at that instant. */
export function Opening({ concert, signal, onOpen }) {
  useEffect(() => {
    // Not all pages ask at the same instant.
    const wait = Math.min(Date.parse(concert.bookingOpensAt) - now() + 200 + Math.random() * 800, TIMER_MAX);
    const gone = new AbortController();
    pause(Math.max(wait, 0), AbortSignal.any([signal, gone.signal])).then(onOpen, () => {});
    return () => gone.abort();
  }, [concert.bookingOpensAt]);
  return (
    <>
      <p><strong>{t('dates.notYet', { at: date(concert.bookingOpensAt, zoneOf(concert)) })}</strong></p>
      <p class="countdown large" role="timer"><Countdown until={concert.bookingOpensAt} text={(time) => t('opening.left', { time })} /></p>
    </>
  );
}

export const Reminder = ({ concert }) => (
  <button type="button" onClick={() => saveReminder(concert)}><Icon name="bell" />{t('reminder.save')}</button>
);

/** States in which seats may become free again. */
const RETURNING = ['held', 'soldOut'];

/** The next step, which depends on whether the concert can be booked. */
function NextStep({ concert, signal }) {
  const book = `/pages/concerts/${concert.id}/book`;
  const target = signedIn() ? book : `/pages/sign-in?next=${encodeURIComponent(book)}`;
  const state = stateOf(concert);
  if (state === 'open' || state === 'paused') {
    return (
      <>
        {state === 'paused' && <p>{t('concert.pausedHow')}</p>}
        <Link class="button primary wide" href={target}>{t(signedIn() ? 'concert.book' : 'concert.signIn')}<Icon name="arrow" /></Link>
      </>
    );
  }
  if (state === 'notYet') {
    return (
      <>
        <Opening concert={concert} signal={signal} onOpen={() => router.show()} />
        <div class="row"><Link class="button primary" href={target}>{t('concert.await')}</Link><Reminder concert={concert} /></div>
      </>
    );
  }
  return (
    <>
      <p>{t(`concert.${state}How`)}</p>
      <div class="row">
        {RETURNING.includes(state) && <button type="button" class="primary" onClick={() => router.show()}>{t('concert.look')}</button>}
        {state === 'cancelled' && signedIn() && <Link class="button" href="/pages/tickets">{t('tickets.title')}</Link>}
        <Link class="button" href="/">{t('home')}</Link>
      </div>
    </>
  );
}

/** The details of a concert; `title` is the element of its title. */
export const About = ({ concert, title: Title = 'h1' }) => (
  <>
    <Title>{concert.title}</Title>
    {concert.subtitle && <p class="lead">{concert.subtitle}</p>}
    <BookingState concert={concert} isShort />
    {concert.description && <p class="text">{concert.description}</p>}
    {concert.tags?.length > 0 && <ul class="chips">{concert.tags.map((tag) => <li key={tag}>{tag}</li>)}</ul>}
    <ul class="facts">
      {concert.venue && <Fact icon="place">{placeOf(concert)}</Fact>}
      {concert.price > 0 && <Fact icon="wallet">{t('concert.from', { price: points(concert.price) })}</Fact>}
      {concert.runningMinutes > 0 && <Fact icon="clock">{t('minutes', { n: number(concert.runningMinutes) })}</Fact>}
      {concert.ageLimit > 0 && <Fact icon="person">{t('concert.age', { n: concert.ageLimit })}</Fact>}
    </ul>
    <h2>{t('concert.dates')}</h2>
    {concert.dates.length
      ? (
        <ul class="facts">
          {concert.dates.map(({ scheduleId, startsAt, sale }) => (
            <Fact key={scheduleId} icon="calendar">{date(startsAt, zoneOf(concert))} <DateState sale={sale} /></Fact>
          ))}
        </ul>
      )
      : <p class="quiet">{t('concert.noDates')}</p>}
  </>
);

function View({ data: concert, signal }) {
  return (
    <article class="concert-page">
      <Poster concert={concert} sizes="(max-width: 60rem) 100vw, 32rem" />
      <div class="card">
        <About concert={concert} />
        <div class="next"><NextStep concert={concert} signal={signal} /></div>
        {signedIn()?.id === concert.organizerId
          && <p><Link class="button" href={`/pages/concerts/${concert.id}/sales`}>{t('concert.sales')}</Link></p>}
      </div>
    </article>
  );
}

export const concert = {
  isPublic: true,
  refreshes: true,
  load: ({ params: [id], signal }) => get(`/concerts/${id}`, { signal }),
  View,
};
