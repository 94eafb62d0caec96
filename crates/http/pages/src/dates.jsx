// Choosing a date.

import { now } from './api.js';
import { date, moment, number, zoneOf } from './format.js';
import { t } from './text.js';
import { TimeToShop } from './time-to-shop.jsx';
import { Button, Empty, Notice } from './ui.jsx';

/** `open`, `notYet`, `closed`, `cancelled`, `soldOut` or `held` (no seat is free now), and what it is called. */
function stateOf(schedule) {
  if (schedule.cancelledAt) return ['cancelled', t('dates.cancelled', { reason: schedule.cancelReason ?? '' })];
  if (Date.parse(schedule.bookingOpensAt) > now()) return ['notYet', t('dates.notYet', { at: moment(schedule.bookingOpensAt, zoneOf(schedule)) })];
  if (Date.parse(schedule.bookingClosesAt) <= now()) return ['closed', t('dates.closed')];
  if (schedule.soldOut) return ['soldOut', t('dates.soldOut')];
  if (!schedule.seatsAvailable) return ['held', t('concert.held')];
  return ['open', t('dates.left', { n: number(schedule.seatsAvailable), of: number(schedule.seatCount) })];
}

function DateChoice({ booking, schedule }) {
  const [state, text] = stateOf(schedule);
  return (
    <li>
      <button type="button" class={`choice ${state}`} disabled={['notYet', 'closed', 'cancelled'].includes(state)} onClick={() => booking.choose(schedule)}>
        <strong>{date(schedule.startsAt, zoneOf(schedule))}</strong><span>{text}</span>
      </button>
    </li>
  );
}

export function Dates({ booking, data: schedules }) {
  const isSoldOut = schedules.length > 0 && schedules.every((schedule) => ['soldOut', 'held'].includes(stateOf(schedule)[0]));
  return (
    <section>
      <h1>{t('dates.title')}</h1>
      <TimeToShop booking={booking} />
      {isSoldOut && <Notice kind="note"><p>{t('dates.soldOutHow')}</p></Notice>}
      {schedules.length
        ? <ul class="cards">{schedules.map((schedule) => <DateChoice key={schedule.id} booking={booking} schedule={schedule} />)}</ul>
        : <Empty icon="calendar"><p>{t('concert.noDates')}</p></Empty>}
      <Button kind="plain" work={() => booking.dates()}>{t('dates.refresh')}</Button>
    </section>
  );
}
