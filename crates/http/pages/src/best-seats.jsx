// The seats next to each other that the server thinks best, anywhere or in a part of the hall.

import { useState } from 'preact/hooks';
import { points } from './format.js';
import { t } from './text.js';

/** The parts of a hall that can be asked for, by what the request says of each: price zones and sections. */
function partsOf({ zones, sections }) {
  const named = sections.filter(({ name }) => name);
  return {
    zones: zones.length > 1 ? zones.map(({ code, name, price }) => ({ value: `zone ${code}`, text: name === String(price) ? points(price) : `${name} · ${points(price)}` })) : [],
    sections: named.length > 1 ? named.map(({ name, price }) => ({ value: `section ${name}`, text: `${name} · ${points(price)}` })) : [],
  };
}

/** The fields of the request for a chosen part: `{ zone: 'R' }`. */
function filterOf(value) {
  const space = value.indexOf(' ');
  return value ? { [value.slice(0, space)]: value.slice(space + 1) } : {};
}

const Options = ({ label, parts }) => parts.length > 0 && (
  <optgroup label={label}>{parts.map(({ value, text }) => <option key={value} value={value}>{text}</option>)}</optgroup>
);

export function BestSeats({ choice }) {
  const { hall, most } = choice;
  const [count, setCount] = useState(Math.min(2, most));
  const [part, setPart] = useState('');
  const [isAccessible, setAccessible] = useState(false);
  const { zones, sections } = partsOf(hall);
  const take = (event) => {
    event.preventDefault();
    choice.take({ bestAvailable: count, ...filterOf(part), ...(isAccessible && { accessible: true }) });
  };
  return (
    <form class="best" onSubmit={take} aria-label={t('seats.best')}>
      <strong>{t('seats.best')}</strong>
      <label for="best-count">{t('seats.bestCount')}</label>
      <select id="best-count" value={count} onChange={({ currentTarget }) => setCount(Number(currentTarget.value))}>
        {Array.from({ length: most }, (_, index) => <option key={index} value={index + 1}>{index + 1}</option>)}
      </select>
      {zones.length + sections.length > 0 && (
        <>
          <label for="best-part">{t('seats.bestPart')}</label>
          <select id="best-part" value={part} onChange={({ currentTarget }) => setPart(currentTarget.value)}>
            <option value="">{t('seats.anywhere')}</option>
            <Options label={t('seats.prices')} parts={zones} />
            <Options label={t('seats.sections')} parts={sections} />
          </select>
        </>
      )}
      {hall.hasAccessible && (
        <label class="check"><input type="checkbox" checked={isAccessible} onChange={({ currentTarget }) => setAccessible(currentTarget.checked)} />{t('seats.accessible')}</label>
      )}
      <button disabled={choice.isBusy}>{t('seats.take')}</button>
    </form>
  );
}
