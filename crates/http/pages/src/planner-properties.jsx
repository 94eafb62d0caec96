// The fields of what is selected.

import { number } from './format.js';
import { countsOfSection } from './plan-counts.js';
import { KINDS, kindOf, mark, selectAndSay, switchAisle } from './planner-commands.js';
import { centreRows, editRows, editSections, editStage, labelRows, addRows, reorderSection } from './planner-edit.js';
import { AislesField, ColourField, Labelled, NumberField, ZoneField, problemAt } from './planner-fields.jsx';
import { BulkFields, bulkOf } from './planner-bulk.jsx';
import { NUMBERS } from './planner-rules.js';
import { t } from './text.js';
import { Form, say } from './ui.jsx';

/** A field for each number of a part of the plan, at the path of that part. */
const numbers = (model, bounds, path, valueOf, change) => Object.entries(bounds).map(([name, bound]) => (
  <NumberField
    key={`${path}.${name}`} id={`plan-${name}`} label={t(`planner.${name}`)} value={valueOf(name, bound)} bound={bound} wrong={problemAt(model, `${path}.${name}`)}
    onChange={(value) => change({ [name]: value === bound.usual ? undefined : value }, `${path}.${name}`)}
  />
));

function Stage({ model }) {
  const { stage } = model.plan;
  const path = 'stage';
  const change = (edit, merge) => model.change(editStage(model.plan, edit), { merge });
  return (
    <div class="fields">
      <Labelled
        label={t('planner.stageLabel')} id="plan-label" value={stage.label ?? ''} maxLength={40} wrong={problemAt(model, `${path}.label`)} autoComplete="off"
        onInput={({ currentTarget }) => change({ label: currentTarget.value }, `${path}.label`)}
      />
      {numbers(model, NUMBERS.stage, path, (name) => stage[name], change)}
    </div>
  );
}

function SectionColour({ model, section, change }) {
  const zone = model.plan.zones.find(({ code }) => code === section.zone);
  const own = ({ currentTarget }) => change({ colour: currentTarget.checked ? zone?.colour ?? '#777777' : undefined }, 'own colour');
  return (
    <>
      <p class="check"><input type="checkbox" id="plan-own" checked={Boolean(section.colour)} onChange={own} /><label for="plan-own">{t('planner.ownColour')}</label></p>
      {section.colour && <ColourField label={t('planner.colour')} id="plan-colour" value={section.colour} onChange={(colour) => change({ colour }, 'colour')} />}
    </>
  );
}

/** Makes more rows at the back of a section. */
function MoreRows({ model, index, section }) {
  const add = (form) => {
    model.change(addRows(model.plan, index, bulkOf(form)));
    say(t('planner.rowsAdded', { n: form.count }));
  };
  const last = section.rows.at(-1);
  return (
    <details class="past">
      <summary>{t('planner.addRows')}</summary>
      <Form submit={add} button={t('planner.addRows')} class="fields"><BulkFields start={last.label} seats={last.seats} isNext /></Form>
    </details>
  );
}

function Order({ model, index }) {
  const { length } = model.plan.sections;
  const step = (by) => model.change(reorderSection(model.plan, index, by), { selection: { what: 'sections', sections: [index + by] } });
  return (
    <p class="row">
      <button type="button" disabled={index === 0} onClick={() => step(-1)}>{t('planner.earlier')}</button>
      <button type="button" disabled={index === length - 1} onClick={() => step(1)}>{t('planner.later')}</button>
    </p>
  );
}

function Section({ model, index }) {
  const section = model.plan.sections[index];
  const path = `sections[${index}]`;
  const change = (edit, merge) => model.change(editSections(model.plan, [index], edit), { merge: merge && `${path} ${merge}` });
  const area = (edit, merge) => change({ standing: { ...section.standing, ...edit } }, merge);
  const { rowSpacing, ...common } = NUMBERS.section;
  const valueOf = (name, { usual }) => section[name] ?? usual;
  return (
    <>
      <div class="fields">
        <Labelled
          label={t('planner.name')} id="plan-name" value={section.name} maxLength={40} wrong={problemAt(model, `${path}.name`)} autoComplete="off"
          onInput={({ currentTarget }) => change({ name: currentTarget.value }, 'name')}
        />
        <ZoneField plan={model.plan} id="plan-zone" value={section.zone} wrong={problemAt(model, `${path}.zone`)} onChange={(zone) => change({ zone })} />
        {numbers(model, section.rows ? { ...common, rowSpacing } : common, path, valueOf, change)}
        {section.standing && numbers(model, NUMBERS.standing, `${path}.standing`, (name) => section.standing[name], area)}
      </div>
      <SectionColour model={model} section={section} change={change} />
      <p class="quiet">{t('planner.places', { n: number(countsOfSection(section).total) })}</p>
      {section.rows && (
        <p class="row">
          <button type="button" onClick={() => selectAndSay(model, { what: 'rows', section: index, row: 0, rowTo: section.rows.length - 1 })}>{t('planner.allRows')}</button>
          <button type="button" onClick={() => model.change(centreRows(model.plan, index))}>{t('planner.centre')}</button>
        </p>
      )}
      {section.rows && <MoreRows key={index} model={model} index={index} section={section} />}
      <h3>{t('planner.order')}</h3>
      <p class="quiet small">{t('planner.orderHow')}</p>
      <Order model={model} index={index} />
    </>
  );
}

function SeveralSections({ model }) {
  const { sections } = model.selection;
  const zones = new Set(sections.map((index) => model.plan.sections[index].zone));
  return (
    <div class="fields">
      <ZoneField
        plan={model.plan} id="plan-zone" value={zones.size === 1 ? [...zones][0] : undefined}
        onChange={(zone) => zone && model.change(editSections(model.plan, sections, { zone }))}
      />
    </div>
  );
}

/** The value that all rows have; nothing if they differ. */
function shared(rows, valueOf) {
  const [first, ...others] = rows.map(valueOf);
  return others.every((other) => JSON.stringify(other) === JSON.stringify(first)) ? first : undefined;
}

function Relabel({ model }) {
  const { section, row, rowTo } = model.range;
  const submit = ({ start }) => model.change(labelRows(model.plan, section, row, rowTo, start.trim()));
  return (
    <Form submit={submit} button={t('planner.relabel')} class="fields">
      <Labelled label={t('planner.start')} id="plan-start" name="start" maxLength={10} required autoComplete="off" hint={t('planner.startHint')} />
    </Form>
  );
}

function Rows({ model }) {
  const { section, row, rowTo } = model.range;
  const rows = model.plan.sections[section].rows.slice(row, rowTo + 1);
  const path = `sections[${section}].rows[${row}]`;
  const change = (edit, merge) => model.change(editRows(model.plan, section, row, rowTo, edit), { merge });
  const most = Math.max(...rows.map(({ seats }) => seats)) - 1;
  const direction = shared(rows, (own) => own.direction ?? 'ltr');
  return (
    <>
      <div class="fields">
        {rows.length === 1 && (
          <Labelled
            label={t('planner.label')} id="plan-label" value={rows[0].label} maxLength={10} wrong={problemAt(model, `${path}.label`)} autoComplete="off"
            onInput={({ currentTarget }) => change({ label: currentTarget.value }, `${path}.label`)}
          />
        )}
        {numbers(model, NUMBERS.row, path, (name, { usual }) => shared(rows, (own) => own[name] ?? usual), change)}
        <Labelled label={t('planner.direction')} id="plan-direction" as="select" value={direction ?? ''} onChange={({ currentTarget }) => change({ direction: currentTarget.value })}>
          {direction === undefined && <option value="">{t('planner.several')}</option>}
          {['ltr', 'rtl'].map((way) => <option key={way} value={way} selected={way === direction}>{t(`planner.${way}`)}</option>)}
        </Labelled>
        <AislesField id="plan-aisles" value={shared(rows, (own) => own.aisles ?? [])} most={most} onChange={(aisles) => change({ aisles }, `${path}.aisles`)} />
      </div>
      <Relabel key={path} model={model} />
      <Marks model={model} kind={undefined} zone={undefined} />
    </>
  );
}

/** The kind and the zone of seats. */
function Marks({ model, kind, zone }) {
  return (
    <>
      <h3>{t('planner.kind')}</h3>
      <div class="kinds" role="group" aria-label={t('planner.kind')}>
        {KINDS.map(({ key, kind: own }) => (
          <button key={key} type="button" aria-pressed={own === kind} aria-keyshortcuts={key.toUpperCase()} onClick={() => mark(model, { kind: own })}>
            {t(`kind.${own}`)} <kbd aria-hidden="true">{key.toUpperCase()}</kbd>
          </button>
        ))}
      </div>
      <ZoneField plan={model.plan} id="plan-zone" value={zone} inherit={t('planner.ofSection')} onChange={(code) => mark(model, { zone: code || null })} />
    </>
  );
}

function Seats({ model }) {
  const { section, row, rowTo, seat, seatTo } = model.range;
  const rows = model.plan.sections[section].rows.slice(row, rowTo + 1);
  const first = rows[0];
  const kinds = new Set();
  const zones = new Set();
  for (const own of rows) {
    for (let at = seat; at <= Math.min(seatTo, own.seats); at += 1) {
      kinds.add(kindOf(own, at));
      zones.add(own.exceptions?.find((exception) => exception.seat === at)?.zone ?? '');
    }
  }
  const hasAisle = rows.every((own) => own.aisles?.includes(seatTo));
  return (
    <>
      <Marks model={model} kind={kinds.size === 1 ? [...kinds][0] : undefined} zone={zones.size === 1 ? [...zones][0] || undefined : undefined} />
      <p class="row">
        <button type="button" aria-pressed={hasAisle} aria-keyshortcuts="I" disabled={seatTo >= first.seats} onClick={() => switchAisle(model)}>
          {t('planner.aisleAfter', { seat: seatTo })} <kbd aria-hidden="true">I</kbd>
        </button>
      </p>
      <p class="quiet small">{t('planner.aisleHow')}</p>
    </>
  );
}

/** The fields of what is selected; nothing when that is the plan itself. */
export function Properties({ model }) {
  const { what, sections } = model.selection;
  if (what === 'stage') return <Stage model={model} />;
  if (what === 'rows') return <Rows key={JSON.stringify(model.range)} model={model} />;
  if (what === 'seats') return <Seats model={model} />;
  return sections.length === 1 ? <Section key={sections[0]} model={model} index={sections[0]} /> : <SeveralSections model={model} />;
}
