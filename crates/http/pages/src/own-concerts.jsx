// An organizer's own concerts, and the way to how each sells.

import { all } from './api.js';
import { BookingState } from './booking-state.jsx';
import { ConcertCard } from './concerts.jsx';
import { signedIn } from './session.js';
import { t } from './text.js';
import { Empty, Link } from './ui.jsx';

/** The list is of all concerts: as many are looked at for the organizer's own. */
const CONCERTS_MAX = 2000;

const View = ({ data: own }) => (
  <>
    <h1>{t('ownConcerts.title')}</h1>
    <p><Link class="button primary" href="/pages/organize">{t('organize.title')}</Link></p>
    {own.length
      ? (
        <ul class="cards">
          {own.map((concert) => (
            <ConcertCard key={concert.id} concert={concert}>
              <BookingState concert={concert} />
              <p class="above row">
                <Link class="button" href={`/pages/concerts/${concert.id}/sales`}>{t('room.sales')}</Link>
                <Link class="button" href={`/pages/concerts/${concert.id}/orders`}>{t('orders.title')}</Link>
                <Link class="button" href={`/pages/concerts/${concert.id}/dates`}>{t('organize.addDate')}</Link>
              </p>
            </ConcertCard>
          ))}
        </ul>
      )
      : <Empty icon="calendar"><p>{t('ownConcerts.none')}</p></Empty>}
  </>
);

async function load({ signal }) {
  const concerts = await all('/concerts', { signal }, CONCERTS_MAX);
  return concerts.filter(({ organizerId }) => organizerId === signedIn()?.id);
}

export const ownConcerts = { load, View };
