// The plan as a whole: what it has, its price zones, and the forms that add sections.

import { number } from './format.js';
import { BulkFields, bulkOf } from './planner-bulk.jsx';
import { addSeated, addStanding, addZone, editZone, removeZone } from './planner-edit.js';
import { ColourField, Labelled, problemAt } from './planner-fields.jsx';
import { NUMBERS, PLACES_MAX, SECTIONS_MAX, ZONES_MAX } from './planner-rules.js';
import { t } from './text.js';
import { Field, Form, say } from './ui.jsx';

function Count({ name, colour, count }) {
  return <li><span>{colour && <span class="dot" style={{ background: colour }} aria-hidden="true" />}{name}</span><strong>{number(count)}</strong></li>;
}

/** The number of places: in all, by kind and by zone. */
export function Counts({ model }) {
  const { total, kinds, zones } = model.counts;
  return (
    <section class="counts">
      <h3>{t('planner.counts')}</h3>
      <p class={total > PLACES_MAX ? 'wrong' : 'quiet'}>{t('planner.ofMost', { n: number(total), most: number(PLACES_MAX), sections: number(model.plan.sections.length), mostSections: number(SECTIONS_MAX) })}</p>
      <ul class="lines">{Object.entries(kinds).filter(([, count]) => count).map(([kind, count]) => <Count key={kind} name={t(`kind.${kind}`)} count={count} />)}</ul>
      <ul class="lines">{model.plan.zones.map(({ code, name, colour }, index) => <Count key={index} name={name} colour={colour} count={zones[code] ?? 0} />)}</ul>
    </section>
  );
}

function Zone({ model, index }) {
  const { plan } = model;
  const zone = plan.zones[index];
  const path = `zones[${index}]`;
  const change = (edit, merge) => model.change(editZone(plan, index, edit), { merge: `${path} ${merge}` });
  const text = (name, most) => (
    <Labelled
      label={t(`planner.zone${name === 'code' ? 'Code' : 'Name'}`)} id={`zone-${index}-${name}`} value={zone[name]} maxLength={most} autoComplete="off"
      wrong={problemAt(model, `${path}.${name}`)} onInput={({ currentTarget }) => change({ [name]: currentTarget.value }, name)}
    />
  );
  const remove = () => {
    const heir = plan.zones[index ? 0 : 1];
    model.change(removeZone(plan, index, heir.code));
    say(t('planner.zoneRemoved', { name: zone.name, heir: heir.name }));
  };
  return (
    <fieldset class="zone-fields">
      <legend>{t('planner.zone', { name: zone.name })}</legend>
      {text('code', 20)}{text('name', 60)}
      <ColourField label={t('planner.colour')} id={`zone-${index}-colour`} value={zone.colour} onChange={(colour) => change({ colour }, 'colour')} />
      {plan.zones.length > 1 && <button type="button" class="plain" onClick={remove}>{t('planner.removeZone')}<span class="unseen"> {zone.name}</span></button>}
    </fieldset>
  );
}

export function Zones({ model }) {
  const { zones } = model.plan;
  return (
    <details class="past" open>
      <summary>{t('planner.zones')}</summary>
      {zones.map((_, index) => <Zone key={index} model={model} index={index} />)}
      {zones.length < ZONES_MAX && <button type="button" onClick={() => model.change(addZone(model.plan, t('planner.newZone')))}>{t('planner.addZone')}</button>}
    </details>
  );
}

const NewZone = ({ plan, id }) => (
  <Field label={t('planner.zoneLabel')} id={id} name="zone" as="select">
    {plan.zones.map(({ code, name }) => <option key={code} value={code}>{name} ({code})</option>)}
  </Field>
);

/** Adds a section, and selects it. */
function added(model, plan) {
  model.change(plan, { selection: { what: 'sections', sections: [plan.sections.length - 1] } });
  say(t('planner.added', { name: plan.sections.at(-1).name }));
}

function NewSection({ model }) {
  const submit = (form) => added(model, addSeated(model.plan, form.name.trim(), form.zone, bulkOf(form)));
  return (
    <details class="past" id="new-section">
      <summary>{t('planner.addSection')}</summary>
      <Form submit={submit} button={t('planner.addSection')} class="fields">
        <Field label={t('planner.name')} id="new-name" name="name" maxLength={40} autoComplete="off" defaultValue={t('planner.newSection')} />
        <NewZone plan={model.plan} id="new-zone" />
        <BulkFields />
      </Form>
    </details>
  );
}

function NewArea({ model }) {
  const submit = ({ name, zone, capacity, width, height }) => {
    const standing = { capacity: Number(capacity), width: Number(width), height: Number(height) };
    added(model, addStanding(model.plan, name.trim(), zone, standing));
  };
  const values = { capacity: 300, width: 20, height: 6 };
  return (
    <details class="past">
      <summary>{t('planner.addArea')}</summary>
      <Form submit={submit} button={t('planner.addArea')} class="fields">
        <Field label={t('planner.name')} id="area-name" name="name" maxLength={40} autoComplete="off" defaultValue={t('planner.newArea')} />
        <NewZone plan={model.plan} id="area-zone" />
        {Object.entries(values).map(([name, value]) => (
          <Field
            key={name} label={t(`planner.${name}`)} id={`area-${name}`} name={name} type="number" min={NUMBERS.standing[name].low} max={NUMBERS.standing[name].high}
            step={name === 'capacity' ? 1 : 'any'} defaultValue={value}
          />
        ))}
      </Form>
    </details>
  );
}

export const PlanPanel = ({ model }) => <><NewSection model={model} /><NewArea model={model} /><Zones model={model} /></>;
