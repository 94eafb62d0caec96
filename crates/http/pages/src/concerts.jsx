// The concerts.

import { BookingState } from './booking-state.jsx';
import { moment } from './format.js';
import { Icon } from './icons.jsx';
import { firstPage, useList } from './list.jsx';
import { Poster } from './poster.jsx';
import { t } from './text.js';
import { Empty, Link } from './ui.jsx';

/** A concert as one of several. */
export function ConcertCard({ concert, children }) {
  const [first] = concert.nextDates;
  return (
    <li class="card concert">
      <Poster concert={concert} />
      <div class="body">
        <h2><Link class="cover" href={`/pages/concerts/${concert.id}`}>{concert.title}</Link></h2>
        {concert.subtitle && <p>{concert.subtitle}</p>}
        {first && <p class="fact"><Icon name="calendar" />{moment(first)}</p>}
        {children ?? <BookingState concert={concert} />}
      </div>
    </li>
  );
}

function View({ data, signal }) {
  const { items, more } = useList(data, signal);
  return (
    <>
      <h1>{t('concerts.title')}</h1>
      {items.length
        ? <ul class="cards">{items.map((concert) => <ConcertCard key={concert.id} concert={concert} />)}</ul>
        : <Empty icon="calendar"><p>{t('concerts.none')}</p></Empty>}
      {more}
    </>
  );
}

export const concerts = { isPublic: true, load: ({ signal }) => firstPage('/concerts', signal), View };
