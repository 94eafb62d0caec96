// Announcing a concert with its dates and seats.

import { useEffect, useMemo, useState } from 'preact/hooks';
import { all, get, post } from './api.js';
import { number, zoneName } from './format.js';
import { useLeaveWarning, useModel } from './hooks.js';
import { instantShown, localTime } from './local-time.js';
import { PlanChoice } from './plan-choice-model.js';
import { SeatsChoice } from './plan-choice.jsx';
import { planOfBlocks } from './plan-geometry.js';
import { go } from './router.js';
import { SeatPicture } from './seat-picture.jsx';
import { t } from './text.js';
import { Field, Form, Notice } from './ui.jsx';

const HOUR = 3_600_000;
/** The most seats of a date. */
const SEATS_MAX = 50_000;
/** How many tickets of a date one person may have, unless the organizer says otherwise; and the most. */
const TICKETS_DEFAULT = 4;
const TICKETS_MAX = 1000;
const TIMES = ['startsAt', 'endsAt', 'opensAt', 'closesAt'];

/** What a new date of the form begins with. */
function newDate(id) {
  const start = Math.ceil(Date.now() / HOUR) * HOUR + id * 7 * 24 * HOUR;
  const [startsAt, endsAt, opensAt, closesAt, cancelsUntil] = [start, start + 2 * HOUR, Date.now(), start, start - 24 * HOUR].map((instant) => localTime(instant));
  return { id, startsAt, endsAt, opensAt, closesAt, cancelsUntil, limit: TICKETS_DEFAULT };
}

const newSection = (id) => ({ id, label: '', rows: 5, columns: 10, price: 10_000 });

function termsOf(date, zone) {
  const instant = (name) => instantShown(date[name], `organize.${name}`, zone);
  return {
    startsAt: instant('startsAt'), endsAt: instant('endsAt'), bookingOpensAt: instant('opensAt'), bookingClosesAt: instant('closesAt'),
    cancellationClosesAt: date.cancelsUntil ? instant('cancelsUntil') : null,
    maxTicketsPerPerson: Number(date.limit),
  };
}

/** In which zone the times of the form are. */
const Zone = ({ zone }) => <p class="quiet">{t('organize.zone', { zone: zoneName(Date.now(), zone), name: zone })}</p>;

const wholes = ({ label, rows, columns, price }) => ({ label, rows: Number(rows), columns: Number(columns), price: Number(price) });

/** Parts of the form that can be added, edited and removed. */
function useParts(make) {
  const [parts, setParts] = useState(() => [make(1)]);
  return {
    parts,
    isEdited: parts.length > 1,
    add: () => setParts([...parts, make(parts.at(-1).id + 1)]),
    remove: (part) => setParts(parts.filter((own) => own !== part)),
    edit: (part, name, value) => setParts(parts.map((own) => (own === part ? { ...part, [name]: value } : own))),
  };
}

/** Each part as a fieldset; `fields` makes its fields. The first one stays. */
function Parts({ of: { parts, add, remove, edit }, name, more, fields }) {
  return (
    <>
      {parts.map((part, index) => (
        <fieldset key={part.id} class="card grid">
          <legend>{t(name, { n: index + 1 })}</legend>
          {fields(part, (field) => ({
            id: `${field}-${part.id}`, value: part[field], onInput: ({ currentTarget }) => edit(part, field, currentTarget.value),
          }))}
          {index > 0 && <button type="button" class="plain" onClick={() => remove(part)}>{t('organize.remove')}</button>}
        </fieldset>
      ))}
      <button type="button" onClick={add}>{t(more)}</button>
    </>
  );
}

const dateFields = (date, input) => [
  ...TIMES.map((name) => <Field key={name} label={t(`organize.${name}`)} type="datetime-local" {...input(name)} />),
  <Field key="cancels" label={t('organize.cancelsUntil')} type="datetime-local" required={false} {...input('cancelsUntil')} />,
  <Field key="limit" label={t('organize.limit')} type="number" min={1} max={TICKETS_MAX} step={1} inputMode="numeric" {...input('limit')} />,
];

const sectionFields = (section, input) => [
  <Field key="label" label={t('organize.label')} maxLength={40} required={false} {...input('label')} />,
  ...[['rows', SEATS_MAX], ['columns', SEATS_MAX], ['price', undefined]].map(([name, max]) => (
    <Field key={name} label={t(`organize.${name}`)} type="number" min={1} max={max} step={1} inputMode="numeric" {...input(name)} />
  )),
];

/** The seats that the sections have, drawn if there are not too many. */
function Preview({ sections }) {
  const values = sections.map(wholes);
  const count = values.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const [drawn, setDrawn] = useState();
  const shape = JSON.stringify(values);
  useEffect(() => setDrawn(count > 0 && count <= SEATS_MAX ? { shape, plan: planOfBlocks(values) } : undefined), [shape]);
  return (
    <section>
      <h3>{t('organize.preview', { n: number(count) })}</h3>
      {count > SEATS_MAX && <Notice kind="error">{t('organize.tooMany', { max: number(SEATS_MAX) })}</Notice>}
      {drawn && count <= SEATS_MAX && <SeatPicture key={drawn.shape} plan={drawn.plan} label={t('organize.preview', { n: number(count) })} />}
    </section>
  );
}

/** The seats of dates as a form: how they are chosen, and what the requests for the dates say of them. */
function useSeats(venues) {
  const sections = useParts(newSection);
  const choice = useMemo(() => new PlanChoice(venues), [venues]);
  useModel(choice);
  const form = (
    <SeatsChoice choice={choice}>
      <h3>{t('organize.sections')}</h3>
      <Parts of={sections} name="organize.section" more="organize.addSection" fields={sectionFields} />
      <Preview sections={sections.parts} />
    </SeatsChoice>
  );
  return { form, zone: choice.zone, body: () => (choice.isPlan ? { plan: choice.body } : { seatMap: sections.parts.map(wholes) }) };
}

/** The venues of which a plan can be chosen. */
const readVenues = (signal) => all('/venues', { signal });

function View({ data: venues }) {
  const dates = useParts(newDate);
  const seats = useSeats(venues);
  const [isEdited, setEdited] = useState(false);
  useLeaveWarning(() => !isEdited);
  const announce = async ({ title, description }) => {
    const schedules = dates.parts.map((date) => ({ ...termsOf(date, seats.zone), ...seats.body() }));
    const concert = await post('/concerts', { title, description, schedules });
    await go(`/pages/concerts/${concert.id}`);
  };
  return (
    <>
      <h1>{t('organize.title')}</h1>
      <Form submit={announce} button={t('organize.submit')} onInput={() => setEdited(true)}>
        <Field label={t('organize.name')} id="title" name="title" maxLength={200} />
        <Field label={t('organize.description')} as="textarea" id="description" name="description" required={false} maxLength={2000} rows={4} />
        <h2>{t('organize.dates')}</h2>
        <Zone zone={seats.zone} />
        <Parts of={dates} name="organize.date" more="organize.addDate" fields={dateFields} />
        {seats.form}
      </Form>
    </>
  );
}

export const organize = { load: ({ signal }) => readVenues(signal), View };

function NewDate({ data: { concert, venues } }) {
  const dates = useParts(newDate);
  const seats = useSeats(venues);
  const [isEdited, setEdited] = useState(false);
  useLeaveWarning(() => !isEdited);
  const [date] = dates.parts;
  const input = (field) => ({ id: field, value: date[field], onInput: ({ currentTarget }) => dates.edit(date, field, currentTarget.value) });
  const add = async () => {
    await post(`/concerts/${concert.id}/schedules`, { ...termsOf(date, seats.zone), ...seats.body() });
    await go(`/pages/concerts/${concert.id}/sales`);
  };
  return (
    <>
      <h1>{t('organize.newDate', { title: concert.title })}</h1>
      <Form submit={add} button={t('organize.addDate')} onInput={() => setEdited(true)}>
        <Zone zone={seats.zone} />
        <fieldset class="card grid"><legend>{t('sales.date')}</legend>{dateFields(date, input)}</fieldset>
        {seats.form}
      </Form>
    </>
  );
}

async function loadConcert({ params: [id], signal }) {
  const [concert, venues] = await Promise.all([get(`/concerts/${id}`, { signal }), readVenues(signal)]);
  return { concert, venues };
}

/** Adds a date to an own concert. */
export const addDate = { load: loadConcert, View: NewDate };
