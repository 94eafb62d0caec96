// The dates whose tickets a user may check.

import { get } from './api.js';
import { date, placeOf, zoneOf } from './format.js';
import { Icon } from './icons.jsx';
import { t } from './text.js';
import { Empty, Link } from './ui.jsx';

const View = ({ data }) => (
  <>
    <h1>{t('door.title')}</h1>
    <p class="quiet">{t('door.how')}</p>
    {data.length === 0 && <Empty icon="calendar"><p>{t('door.none')}</p></Empty>}
    <ul class="cards">
      {data.map((of) => (
        <li key={of.scheduleId} class="card">
          <h2>{of.title}</h2>
          <p class="fact"><Icon name="calendar" />{date(of.startsAt, zoneOf(of))}</p>
          {of.venue && <p class="fact"><Icon name="place" />{placeOf(of)}</p>}
          <Link class="button primary wide" href={`/pages/door/${of.scheduleId}`}>{t('door.open')}</Link>
        </li>
      ))}
    </ul>
  </>
);

export const doorDates = { refreshes: true, load: async ({ signal }) => (await get('/door-dates', { signal })).items, View };
