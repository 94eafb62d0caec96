// The concerts, and the search among them.

import { BookingState } from './booking-state.jsx';
import { moment, zoneOf } from './format.js';
import { Icon } from './icons.jsx';
import { firstPage, useList } from './list.jsx';
import { startOfDay } from './local-time.js';
import { CardPoster, turnOf } from './poster.jsx';
import { go } from './router.js';
import { t } from './text.js';
import { Empty, Failure, Field, Link } from './ui.jsx';

/** A concert as one of several; `turn` is that of its poster. */
export function ConcertCard({ concert, href = `/pages/concerts/${concert.id}`, turn, children }) {
  const [first] = concert.nextDates;
  return (
    <li class="card concert">
      <CardPoster concert={concert} turn={turn} />
      <div class="body">
        <h2><Link class="cover" href={href}>{concert.title}</Link></h2>
        {concert.subtitle && <p>{concert.subtitle}</p>}
        {first && <p class="fact"><Icon name="calendar" />{moment(first, zoneOf(concert))}</p>}
        {concert.venue && <p class="fact"><Icon name="place" />{concert.venue.name}</p>}
        {children ?? <BookingState concert={concert} />}
      </div>
    </li>
  );
}

/** The number of concerts that are read at once: a first view must be small. */
const CONCERTS_MANY = 12;
/** The most posters of the first view. */
const POSTERS_MAX = 4;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** The search in the address: words, and days in the service's zone. */
function asked() {
  const given = new URLSearchParams(location.search);
  const day = (name) => (DAY.test(given.get(name)) ? given.get(name) : '');
  const words = (name) => (given.get(name) ?? '').trim().slice(0, 100);
  return { q: words('q'), place: words('place'), from: day('from'), to: day('to') };
}

/** The same as the API asks for it: from the start of a day to the end of another. */
function queryOf({ q, place, from, to }) {
  const query = new URLSearchParams();
  if (q) query.set('q', q);
  if (place) query.set('place', place);
  if (from) query.set('from', startOfDay(from).toISOString());
  if (to) query.set('to', startOfDay(to, 1).toISOString());
  return query.size ? `?${query}` : '';
}

function Search() {
  const { q, place, from, to } = asked();
  const submit = (event) => {
    event.preventDefault();
    const wanted = [...new FormData(event.currentTarget)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value);
    go(wanted.length ? `/?${new URLSearchParams(wanted)}` : '/');
  };
  return (
    <form class="find" role="search" aria-label={t('concerts.search')} onSubmit={submit}>
      <Field label={t('concerts.q')} id="q" name="q" type="search" maxLength={100} required={false} autoComplete="off" defaultValue={q} />
      <Field label={t('concerts.place')} id="place" name="place" type="search" maxLength={100} required={false} autoComplete="off" defaultValue={place} />
      <Field label={t('concerts.fromDay')} id="from" name="from" type="date" required={false} defaultValue={from} />
      <Field label={t('concerts.toDay')} id="to" name="to" type="date" required={false} defaultValue={to} />
      <button class="primary"><Icon name="search" />{t('concerts.search')}</button>
    </form>
  );
}

function NoConcerts({ isSearch }) {
  if (!isSearch) return <Empty icon="calendar"><p>{t('concerts.none')}</p></Empty>;
  return (
    <Empty icon="search">
      <p>{t('concerts.noneFound')}</p>
      <Link class="button" href="/">{t('concerts.all')}</Link>
    </Empty>
  );
}

function View({ data: { list, error }, signal }) {
  const { items, more } = useList(list, signal);
  return (
    <>
      <h1>{t('concerts.title')}</h1>
      <Search />
      <Failure error={error} />
      {items.length > 0 && <ul class="cards">{items.map((concert, index) => <ConcertCard key={concert.id} concert={concert} turn={turnOf(index, POSTERS_MAX)} />)}</ul>}
      {!items.length && !error && <NoConcerts isSearch={location.search !== ''} />}
      {more}
    </>
  );
}

/** The first concerts that were asked for; a search that the service refuses says why beside the form. */
async function load({ signal }) {
  try {
    return { list: await firstPage(`/concerts${queryOf(asked())}`, signal, undefined, CONCERTS_MANY) };
  } catch (error) {
    if (error.code !== 'VALIDATION') throw error;
    return { list: { items: [] }, error };
  }
}

export const concerts = { isPublic: true, load, View };
