// Choosing seats on a map that others choose on too.

import { useState } from 'preact/hooks';
import { date, number, points, seatName } from './format.js';
import { useModel } from './hooks.js';
import { Icon } from './icons.jsx';
import { SeatPlan } from './seat-plan.jsx';
import { t } from './text.js';
import { TimeToShop } from './time-to-shop.jsx';
import { Failure, Notice } from './ui.jsx';

/** The seats next to each other that the server thinks best. */
function Best({ choice }) {
  const [count, setCount] = useState(Math.min(2, choice.most));
  const take = (event) => {
    event.preventDefault();
    choice.take({ bestAvailable: count });
  };
  return (
    <form class="best" onSubmit={take}>
      <strong>{t('seats.best')}</strong>
      <label for="best-count">{t('seats.bestCount')}</label>
      <select id="best-count" value={count} onChange={({ currentTarget }) => setCount(Number(currentTarget.value))}>
        {Array.from({ length: choice.most }, (_, index) => <option key={index} value={index + 1}>{index + 1}</option>)}
      </select>
      <button disabled={choice.isHolding}>{t('seats.take')}</button>
    </form>
  );
}

const Trouble = ({ trouble }) => (typeof trouble === 'string' ? <Notice kind="error"><p>{trouble}</p></Notice> : <Failure error={trouble} />);

/** The chosen seats and what they cost, the time that is left, and the button: on a phone always in sight. */
function Chosen({ booking, choice }) {
  const chosen = [...choice.chosen.values()];
  const total = chosen.reduce((sum, seat) => sum + seat.price, 0);
  return (
    <aside class="card chosen-seats" aria-label={t('seats.chosen')}>
      <h2>{t('seats.chosen')}</h2>
      <ul class="chosen">
        {chosen.map((seat) => (
          <li key={seat.number}>
            <span>{seatName(seat)}</span><span class="price">{points(seat.price)}</span>
            <button type="button" class="iconic plain" aria-label={t('seats.drop', { seat: seatName(seat) })} onClick={() => choice.toggle(seat)}><Icon name="close" /></button>
          </li>
        ))}
        {!chosen.length && <li key="none" class="quiet">{t('seats.none')}</li>}
      </ul>
      <Trouble trouble={choice.trouble} />
      <p class="lines total"><span>{t('seats.total')}</span><strong>{points(total)}</strong></p>
      <TimeToShop booking={booking} />
      <button type="button" class="primary wide" disabled={!chosen.length || choice.isHolding} aria-busy={choice.isHolding || undefined} onClick={() => choice.take()}>
        {t('seats.hold')}
      </button>
    </aside>
  );
}

export function Seats({ booking, data: choice }) {
  useModel(choice);
  useModel(booking);
  const free = choice.seats.filter((seat) => seat.status === 'FREE').length;
  const subscribe = (listener) => {
    choice.followers.add(listener);
    return () => choice.followers.delete(listener);
  };
  return (
    <section>
      <h1>{t('seats.title')}</h1>
      <p class="facts-line">
        <span>{date(choice.schedule.startsAt)}</span><span class="quiet">{t('seats.left', { n: number(free) })}</span>
        {booking.manyDates && <button type="button" class="plain" onClick={() => booking.dates()}>{t('dates.other')}</button>}
      </p>
      {choice.isLost && <Notice kind="error"><p>{t('seats.updatesLost')}</p></Notice>}
      {!free && <Notice kind="note"><p>{t('dates.soldOutHow')}</p></Notice>}
      <div class="columns">
        <div class="plan">
          <SeatPlan seats={choice.seats} stateOf={(seat) => choice.stateOf(seat)} subscribe={subscribe} pick={(seat) => choice.toggle(seat)} label={t('seats.map')} />
          <Best choice={choice} />
          <p id="seats-help" class="quiet small">{t('seats.help', { n: choice.most })}</p>
        </div>
        <Chosen booking={booking} choice={choice} />
      </div>
    </section>
  );
}
