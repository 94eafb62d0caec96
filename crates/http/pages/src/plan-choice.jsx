// The fields that choose the seats of a date: blocks of rows and columns, or a hall's seat plan with a price for each zone.

import { useEffect, useState } from 'preact/hooks';
import { number, points } from './format.js';
import { useModel } from './hooks.js';
import { SeatPicture } from './seat-picture.jsx';
import { t } from './text.js';
import { Empty, Failure, Field, Link } from './ui.jsx';

const SHOWN_VERSIONS = 50;
/** The delay between a change of a price and the next drawing of the map, in milliseconds. */
const DRAW_AFTER = 400;

const Kind = ({ choice, isPlan, name }) => (
  <label class="choice-of">
    <input type="radio" name="seats-kind" value={name} checked={choice.isPlan === isPlan} onChange={() => choice.become({ isPlan })} />{t(name)}
  </label>
);

/** A choice of one of several; the first one is none. */
const Choice = ({ name, value, options, onChange }) => (
  <Field label={t(`seatsOf.${name}`)} as="select" id={`seats-${name}`} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
    <option value="">{t('seatsOf.choose')}</option>
    {options.map(([key, text]) => <option key={key} value={key} selected={key === value}>{text}</option>)}
  </Field>
);

function Version({ choice }) {
  const { hall, version } = choice;
  const versions = Array.from({ length: Math.min(hall.planVersion, SHOWN_VERSIONS) }, (_, index) => hall.planVersion - index);
  return (
    <Field label={t('seatsOf.version')} as="select" id="seats-version" value={version} onChange={({ currentTarget }) => choice.chooseVersion(Number(currentTarget.value))}>
      {versions.map((own) => <option key={own} value={own} selected={own === version}>{t('hall.version', { n: number(own) })}</option>)}
    </Field>
  );
}

function Prices({ choice }) {
  return (
    <fieldset class="card grid">
      <legend>{t('seatsOf.prices')}</legend>
      {choice.zones.map(({ code, name, colour, count }) => (
        <Field
          key={code} label={<><span class="dot" style={{ background: colour }} aria-hidden="true" />{t('seatsOf.priceOf', { zone: name })}</>} id={`price-${code}`} type="number" min={1} step={1}
          inputMode="numeric" hint={t('hall.places', { n: number(count) })} value={choice.priceOf(code)} onInput={({ currentTarget }) => choice.setPrice(code, currentTarget.value)}
        />
      ))}
      <p class="whole-row">{t('seatsOf.sum', { n: number(choice.count), price: points(choice.revenue) })}</p>
    </fieldset>
  );
}

/** The states of places that are all free, as the map asks for them. */
const ALL_FREE = {
  free(first, last, fits = () => true) {
    let free = 0;
    for (let number = first; number <= last; number += 1) if (fits(number)) free += 1;
    return free;
  },
};

/** The plan as fans will see it, with the prices. */
function Picture({ choice: { plan, numbers, count } }) {
  const [drawn, setDrawn] = useState();
  const prices = JSON.stringify(numbers);
  useEffect(() => {
    const timer = setTimeout(() => setDrawn({ plan, prices, priced: { ...plan, prices: numbers } }), drawn ? DRAW_AFTER : 0);
    return () => clearTimeout(timer);
  }, [plan, prices]);
  if (drawn?.plan !== plan) return null;
  const label = t('organize.preview', { n: number(count) });
  return (
    <section>
      <h3>{label}</h3>
      <SeatPicture key={drawn.prices} plan={drawn.priced} states={ALL_FREE} label={label} />
    </section>
  );
}

function Plan({ choice }) {
  const { venues, venueId, halls, hall, plan, trouble } = choice;
  if (!venues.length) return <Empty icon="seat"><p>{t('seatsOf.noVenue')}</p><Link class="button" href="/pages/venues">{t('venues.title')}</Link></Empty>;
  return (
    <>
      <div class="grid">
        <Choice name="venue" value={venueId} options={venues.map(({ id, name }) => [id, name])} onChange={(id) => choice.chooseVenue(id)} />
        {venueId && <Choice name="hall" value={hall?.id ?? ''} options={halls.map(({ id, name, placeCount }) => [id, t('seatsOf.hallWith', { name, n: number(placeCount) })])} onChange={(id) => choice.chooseHall(id)} />}
        {hall && <Version choice={choice} />}
      </div>
      <Failure error={trouble} again={choice.again} />
      {plan && <Prices choice={choice} />}
      {plan && <Picture choice={choice} />}
    </>
  );
}

/** The seats of a date; `children` are the fields for blocks of rows and columns. */
export function SeatsChoice({ choice, children }) {
  useModel(choice);
  return (
    <section>
      <h2>{t('seatsOf.title')}</h2>
      <div class="row" role="radiogroup" aria-label={t('seatsOf.title')}>
        <Kind choice={choice} isPlan={false} name="seatsOf.blocks" />
        <Kind choice={choice} isPlan name="seatsOf.plan" />
      </div>
      {choice.isPlan ? <Plan choice={choice} /> : children}
    </section>
  );
}
