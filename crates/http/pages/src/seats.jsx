// Choosing seats on a map that others choose on too.

import { useRef } from 'preact/hooks';
import { BestSeats } from './best-seats.jsx';
import { date, number, points, zoneOf } from './format.js';
import { useModel } from './hooks.js';
import { Icon } from './icons.jsx';
import { SeatPlan } from './seat-plan.jsx';
import { longName } from './seat-words.js';
import { t } from './text.js';
import { TimeToShop } from './time-to-shop.jsx';
import { Failure, Notice } from './ui.jsx';

/** What is wrong with a choice of seats: words, or an error. */
export const Trouble = ({ trouble }) => (typeof trouble === 'string' ? <Notice kind="error"><p>{trouble}</p></Notice> : <Failure error={trouble} />);

/** The field for the number of places of a standing area. */
function StandingArea({ choice, section }) {
  const count = choice.standing(section).length;
  const left = choice.states.free(section.first, section.last);
  const step = (by, icon, name) => (
    <button
      type="button" class="iconic" aria-label={t(name, { name: section.name })} disabled={by < 0 ? !count : left <= count || choice.chosen.size >= choice.most}
      onClick={() => choice.stand(section, count + by)}
    ><Icon name={icon} /></button>
  );
  return (
    <div class="standing-area" role="group" aria-label={section.name} tabIndex={-1} data-section={section.index}>
      <span><strong>{section.name}</strong> <span class="quiet">{t('seats.standing')} · {points(section.price)} · {left ? t('seats.left', { n: number(left) }) : t('dates.soldOut')}</span></span>
      {step(-1, 'minus', 'seats.fewer')}<b>{count}</b>{step(1, 'plus', 'seats.more')}
    </div>
  );
}

/** The choice, in lines: each seat, and each standing area with the number of its places. */
function linesOf(chosen) {
  const areas = new Map();
  const lines = [];
  for (const seat of chosen) {
    const known = seat.of.standing && areas.get(seat.of);
    if (known) {
      known.seats.push(seat);
      continue;
    }
    const line = { key: seat.number, seats: [seat] };
    if (seat.of.standing) areas.set(seat.of, line);
    lines.push(line);
  }
  return lines;
}

function Line({ choice, seats }) {
  const [{ of, price }] = seats;
  const name = of.standing ? t('seats.standingCount', { name: of.name, n: seats.length }) : longName(seats[0]);
  return (
    <li>
      <span>{name}</span><span class="price">{points(price * seats.length)}</span>
      <button type="button" class="iconic plain" aria-label={t('seats.drop', { seat: name })} onClick={() => choice.drop(seats)}><Icon name="close" /></button>
    </li>
  );
}

/** The chosen seats and what they cost, the time that is left, and the button: on a phone always in sight. */
function Chosen({ booking, choice }) {
  const chosen = [...choice.chosen.values()];
  const total = chosen.reduce((sum, seat) => sum + seat.price, 0);
  return (
    <aside class="card chosen-seats" aria-label={t('seats.chosen')}>
      <h2>{t('seats.chosen')}</h2>
      <ul class="chosen">
        {linesOf(chosen).map(({ key, seats }) => <Line key={key} choice={choice} seats={seats} />)}
        {!chosen.length && <li key="none" class="quiet">{t('seats.none')}</li>}
      </ul>
      <Trouble trouble={choice.trouble} />
      <p class="lines total"><span>{t('seats.total')}</span><strong>{points(total)}</strong></p>
      <TimeToShop booking={booking} />
      <button type="button" class="primary wide" disabled={!chosen.length || choice.isBusy} aria-busy={choice.isBusy || undefined} onClick={() => choice.take()}>
        {t('seats.hold')}
      </button>
    </aside>
  );
}

export function Seats({ booking, data: choice }) {
  useModel(choice);
  useModel(booking);
  const areas = useRef();
  const { hall, states } = choice;
  const free = states.free();
  const standing = hall.sections.filter((section) => section.standing);
  const enter = ({ index }) => {
    const area = areas.current?.querySelector(`[data-section="${index}"]`);
    area?.scrollIntoView({ block: 'nearest' });
    (area?.querySelector('button:enabled:last-of-type') ?? area)?.focus({ preventScroll: true });
  };
  return (
    <section>
      <h1>{t('seats.title')}</h1>
      <p class="facts-line">
        <span>{date(choice.schedule.startsAt, zoneOf(choice.schedule))}</span><span class="quiet">{t('seats.left', { n: number(free) })}</span>
        {booking.manyDates && <button type="button" class="plain" onClick={() => booking.chooseAgain()}>{t('dates.other')}</button>}
      </p>
      {choice.isLost && <Notice kind="error"><p>{t('seats.updatesLost')}</p></Notice>}
      {!free && <Notice kind="note"><p>{t('dates.soldOutHow')}</p></Notice>}
      <div class="columns">
        <div class="plan">
          <SeatPlan
            hall={hall} states={states} stateOf={(seat) => choice.stateOf(seat)} subscribe={(listener) => choice.followSeats(listener)} pick={(seat) => choice.toggle(seat)} enter={enter}
            label={t('seats.map')}
          />
          {standing.length > 0 && <div ref={areas} class="standing-areas">{standing.map((section) => <StandingArea key={section.index} choice={choice} section={section} />)}</div>}
          <BestSeats choice={choice} />
          <p id="seats-help" class="quiet small">{t('seats.help', { n: choice.most })}</p>
        </div>
        <Chosen booking={booking} choice={choice} />
      </div>
    </section>
  );
}
