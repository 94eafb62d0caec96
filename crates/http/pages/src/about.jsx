// The details of a concert, for fans and beside its editor.

import { BookingState, DateState } from './booking-state.jsx';
import { date, number, placeOf, points, zoneOf } from './format.js';
import { Icon } from './icons.jsx';
import { t } from './text.js';

const Fact = ({ icon, children }) => <li class="fact"><Icon name={icon} /><span>{children}</span></li>;

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
          {concert.dates.map(({ scheduleId, startsAt, sale, timeZone }) => (
            <Fact key={scheduleId} icon="calendar">{date(startsAt, zoneOf({ venue: timeZone && { timeZone } }))} <DateState sale={sale} /></Fact>
          ))}
        </ul>
      )
      : <p class="quiet">{t('concert.noDates')}</p>}
  </>
);
