// One venue: its fields and its halls.

import { post } from './api.js';
import { Outcome } from './edits-outcome.jsx';
import { number } from './format.js';
import { useLeaveWarning, useModel } from './hooks.js';
import { Icon } from './icons.jsx';
import { firstPage, useList } from './list.jsx';
import { isManaged } from './managed-venue.js';
import { PlanFailure, PlanFileField, documentOf } from './plan-file.jsx';
import { go } from './router.js';
import { t } from './text.js';
import { TimeZoneField } from './time-zone-field.jsx';
import { Empty, Field, Form, Link } from './ui.jsx';
import { VenueControls } from './venue-controls.js';
import { ADDRESS_MAX, NAME_MAX } from './venues.jsx';

/** The most rows of a section, and the most seats of a row. */
const ROWS_MAX = 500;
const SEATS_MAX = 500;

/** The plan that a new hall begins with: one section below the stage. Rows have the labels 1, 2, 3. */
function simplePlan(rows, seats) {
  return {
    stage: { x: -5, y: -5, width: 10, height: 3, label: t('seats.stage') },
    zones: [{ code: '1', name: t('hall.firstZone'), colour: '#5b2a86' }],
    sections: [{
      name: t('hall.firstSection'), zone: '1', x: -(seats - 1) / 2, y: 0,
      rows: Array.from({ length: rows }, (_, index) => ({ label: String(index + 1), seats })),
    }],
  };
}

function Edit({ controls }) {
  const input = (name) => ({ value: controls.values[name], onInput: ({ currentTarget }) => controls.edit(name, currentTarget.value) });
  return (
    <section class="card">
      <h2>{t('venue.edit')}</h2>
      <Form submit={() => controls.save()} button={t('room.save')} class="grid">
        <Field label={t('field.name')} id="name" name="name" maxLength={NAME_MAX} autoComplete="off" {...input('name')} />
        <Field label={t('field.address')} id="address" name="address" maxLength={ADDRESS_MAX} required={false} autoComplete="off" {...input('address')} />
        <TimeZoneField {...input('timeZone')} />
        <Outcome controls={controls} refused="venue.conflict" />
      </Form>
    </section>
  );
}

function NewHall({ venue }) {
  const add = async ({ hallName, rows, seats, file }) => {
    const plan = file.size ? await documentOf(file) : simplePlan(Number(rows), Number(seats));
    const hall = await post(`/venues/${venue.id}/halls`, { name: hallName, plan });
    await go(file.size ? `/pages/halls/${hall.id}` : `/pages/halls/${hall.id}/plan`);
  };
  const whole = (name, max, value) => (
    <Field label={t(`field.${name}`)} id={name} name={name} type="number" min={1} max={max} step={1} inputMode="numeric" defaultValue={value} />
  );
  return (
    <section class="card">
      <h2>{t('hall.new')}</h2>
      <p class="quiet">{t('hall.newHow')}</p>
      <Form submit={add} button={t('hall.add')} explain={PlanFailure} class="grid">
        <Field label={t('hall.name')} id="hallName" name="hallName" maxLength={NAME_MAX} autoComplete="off" />
        {whole('rows', ROWS_MAX, 10)}
        {whole('seats', SEATS_MAX, 20)}
        <PlanFileField required={false} hint={t('hall.orFile')} />
      </Form>
    </section>
  );
}

const Hall = ({ hall }) => (
  <li class="card">
    <h3><Link href={`/pages/halls/${hall.id}`}>{hall.name}</Link></h3>
    <p class="fact"><Icon name="seat" />{t('hall.places', { n: number(hall.placeCount) })}</p>
    <p class="quiet">{t('hall.version', { n: number(hall.planVersion) })}</p>
  </li>
);

function View({ data: { controls, halls }, signal }) {
  useModel(controls);
  useLeaveWarning(() => controls.isClean());
  const { items, more } = useList(halls, signal);
  const { venue } = controls;
  return (
    <>
      <h1>{venue.name}</h1>
      <p class="quiet">{[venue.address, venue.timeZone].filter(Boolean).join(' · ')}</p>
      <section>
        <h2>{t('venue.halls')}</h2>
        {items.length
          ? <ul class="cards">{items.map((hall) => <Hall key={hall.id} hall={hall} />)}</ul>
          : <Empty icon="seat"><p>{t('venue.noHalls')}</p></Empty>}
        {more}
      </section>
      {isManaged(venue) ? <><NewHall venue={venue} /><Edit controls={controls} /></> : <p class="quiet">{t('venue.others')}</p>}
    </>
  );
}

async function load({ params: [id], signal }) {
  const [controls, halls] = await Promise.all([VenueControls.read(id, signal), firstPage(`/venues/${id}/halls`, signal)]);
  return { controls, halls };
}

export const venue = { load, View };
