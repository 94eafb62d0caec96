// The editor of a hall's seat plan.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get } from './api.js';
import { moment, number } from './format.js';
import { useModel } from './hooks.js';
import { Icon } from './icons.jsx';
import { isManaged } from './managed-venue.js';
import { PlanCanvas } from './planner-canvas.js';
import {
  KINDS, drawingCommandOf, duplicate, hasRange, isSections, mirror, redo, removeSelected, selectAndSay, selectedArea, selectionName, turn, undo,
} from './planner-commands.js';
import { allProblems } from './planner-fields.jsx';
import { NOTHING, Planner } from './planner-model.js';
import { Counts, PlanPanel } from './planner-panel.jsx';
import { Properties } from './planner-properties.jsx';
import { PlanTree } from './planner-tree.jsx';
import { router } from './router.js';
import { signedIn } from './session.js';
import { t } from './text.js';
import { themes } from './theme.js';
import { Failure, Link, Notice, say } from './ui.jsx';

/** The number of problems that are listed. */
const PROBLEMS_SHOWN = 20;

/** The place in the plan that a path of a rule means. */
function placeOf(path) {
  const [, section] = path.match(/^sections\[(\d+)\]/) ?? [];
  const [, row] = path.match(/\.rows\[(\d+)\]/) ?? [];
  if (row !== undefined) return { what: 'rows', section: Number(section), row: Number(row), rowTo: Number(row) };
  if (section !== undefined) return { what: 'sections', sections: [Number(section)] };
  return path.startsWith('stage') ? { what: 'stage' } : NOTHING;
}

const Tool = ({ name, icon, act, disabled, keys, children }) => (
  <button type="button" class={icon ? 'iconic' : undefined} aria-label={icon && t(name)} title={t(name)} disabled={disabled} aria-keyshortcuts={keys} onClick={act}>
    {icon ? <Icon name={icon} /> : t(name)}{children}
  </button>
);

function Toolbar({ model, drawing }) {
  const canTurn = isSections(model);
  const can = canTurn || hasRange(model);
  const use = (tool) => () => model.use(tool);
  return (
    <div class="toolbar">
      <div class="group" role="group" aria-label={t('planner.steps')}>
        <Tool name="planner.undo" icon="undo" keys="Control+Z" disabled={!model.canUndo} act={() => undo(model)} />
        <Tool name="planner.redo" icon="redo" keys="Control+Shift+Z" disabled={!model.canRedo} act={() => redo(model)} />
      </div>
      <div class="group" role="group" aria-label={t('planner.tools')}>
        <button type="button" aria-pressed={model.tool === 'move'} onClick={use('move')}>{t('planner.moveTool')}</button>
        <button type="button" aria-pressed={model.tool === 'seats'} onClick={use('seats')}>{t('planner.seatsTool')}</button>
        {model.tool === 'seats' && (
          <select aria-label={t('planner.brush')} value={model.brush} onChange={({ currentTarget }) => model.use('seats', currentTarget.value)}>
            <option value="">{t('planner.noBrush')}</option>
            {KINDS.map(({ kind }) => <option key={kind} value={kind}>{t(`kind.${kind}`)}</option>)}
          </select>
        )}
      </div>
      <div class="group" role="group" aria-label={t('planner.selected')}>
        <Tool name="planner.duplicate" keys="Control+D" disabled={!can} act={() => duplicate(model)} />
        <Tool name="planner.mirror" keys="Control+Shift+D" disabled={!canTurn} act={() => mirror(model)} />
        <Tool name="planner.remove" keys="Delete" disabled={!can} act={() => removeSelected(model)} />
        <Tool name="planner.turnLeft" icon="turnLeft" disabled={!canTurn} act={() => turn(model, -5)} />
        <Tool name="planner.turnRight" icon="turnRight" disabled={!canTurn} act={() => turn(model, 5)} />
      </div>
      <div class="group" role="group" aria-label={t('planner.view')}>
        <Tool name="seats.zoomIn" icon="plus" act={() => drawing.zoom(1.5)} />
        <Tool name="seats.zoomOut" icon="minus" act={() => drawing.zoom(1 / 1.5)} />
        <Tool name="seats.whole" icon="whole" act={() => drawing.whole()} />
      </div>
    </div>
  );
}

const KEYS_OF_VIEW = { '+': (drawing) => drawing.zoom(1.5), '=': (drawing) => drawing.zoom(1.5), '-': (drawing) => drawing.zoom(1 / 1.5), 0: (drawing) => drawing.whole() };

/** The drawing, which the keyboard works on too. */
function Drawing({ model, drawing }) {
  const canvas = useRef();
  useLayoutEffect(() => drawing.attach(canvas.current), [drawing]);
  useEffect(() => themes.subscribe(() => drawing.paintSoon()), [drawing]);
  const keyDown = (event) => {
    const view = !event.ctrlKey && !event.metaKey && KEYS_OF_VIEW[event.key];
    const command = view ? () => view(drawing) : drawingCommandOf(model, event);
    if (!command) return;
    event.preventDefault();
    command();
    const area = selectedArea(model);
    if (area && !view) drawing.reveal(model.selection.what === 'seats' ? drawing.areaOfSeat(model.selection) : area);
  };
  return (
    <canvas
      ref={canvas} class="plan-canvas" tabIndex={0} role="application" aria-label={t('planner.drawing')} aria-describedby="plan-help" onKeyDown={keyDown}
    >
      {selectionName(model)}
    </canvas>
  );
}

function Problems({ model, show }) {
  const problems = allProblems(model);
  return (
    <section class="problems" aria-live="polite">
      <h3>{t('planner.problems')}</h3>
      {problems.length
        ? (
          <ul>
            {problems.slice(0, PROBLEMS_SHOWN).map(({ path, text }) => (
              <li key={path}><button type="button" class="plain" onClick={() => show(placeOf(path))}><code>{path}</code> {text}</button></li>
            ))}
          </ul>
        )
        : <p class="quiet">{t('planner.noProblems')}</p>}
      {problems.length > PROBLEMS_SHOWN && <p class="quiet">{t('planner.moreProblems', { n: number(problems.length - PROBLEMS_SHOWN) })}</p>}
    </section>
  );
}

/** That a draft was found, that another version is newer, or that the browser keeps no draft. */
function DraftState({ model }) {
  const { restored, version, hall, isUnkept } = model;
  return (
    <>
      {restored && (
        <Notice kind="note" role="status">
          <p>{t('planner.restored', { at: moment(restored), n: number(version) })}</p>
          <button type="button" onClick={() => model.discard()}>{t('planner.discard')}</button>
        </Notice>
      )}
      {hall.planVersion > version && <Notice kind="note"><p>{t('planner.older', { n: number(version), newest: number(hall.planVersion) })}</p></Notice>}
      {isUnkept && <Notice kind="error"><p>{t('planner.unkept')}</p></Notice>}
    </>
  );
}

function Save({ model }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState();
  const { outcome, problems, isChanged, refused } = model;
  const save = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await model.save((newest) => confirm(t('planner.newerSure', { n: number(newest) })));
      // The address may name an older version.
      if (model.outcome) router.at(location.pathname);
      if (model.outcome) say(t(model.outcome.isNew ? 'planner.saved' : 'planner.same', { n: number(model.outcome.version) }));
    } catch (failed) {
      setError(failed);
    }
    setBusy(false);
  };
  return (
    <div class="save">
      <p class="quiet">{t(isChanged ? 'planner.draft' : 'planner.clean', { n: number(model.version) })}</p>
      <button type="button" class="primary" aria-busy={busy || undefined} disabled={busy || !isChanged || problems.length > 0} onClick={save}>{t('planner.save')}</button>
      {outcome && <Notice kind="good"><p>{t(outcome.isNew ? 'planner.saved' : 'planner.same', { n: number(outcome.version) })}</p></Notice>}
      <Failure error={error ?? (refused?.body?.errors ? undefined : refused)} />
    </div>
  );
}

function View({ data: { hall, version, plan, venue, userId } }) {
  const model = useMemo(() => new Planner({ hall, version, plan, userId }), [hall, version]);
  const drawing = useMemo(() => new PlanCanvas(model), [model]);
  const fields = useRef();
  useModel(model);
  useEffect(() => model.keepOnLeaving(), [model]);
  // A drawing is to be kept like typed text.
  useEffect(() => model.subscribe(() => { router.isTyped ||= model.isChanged; }), [model]);
  const enter = () => fields.current.querySelector('input, select, button')?.focus();
  const show = (selection) => {
    model.select(selection);
    setTimeout(() => fields.current?.querySelector('[aria-invalid=true]')?.focus());
  };
  const { what } = model.selection;
  return (
    <div class="planner">
      <h1>{t('planner.title', { name: hall.name })}</h1>
      <div class="planner-head">
        <p><Link href={`/pages/halls/${hall.id}`}>{t('planner.back')}</Link> · {venue.name}</p>
        <Save model={model} />
      </div>
      {!isManaged(venue) && <Notice kind="note"><p>{t('planner.others')}</p></Notice>}
      <DraftState model={model} />
      <Toolbar model={model} drawing={drawing} />
      <div class="planner-parts">
        <div class="plan-frame">
          <Drawing model={model} drawing={drawing} />
          <p id="plan-help" class="quiet small">{t('planner.help')}</p>
        </div>
        <section class="card fields-of" ref={fields} aria-label={t('planner.fields')}>
          <h2>{selectionName(model)}</h2>
          {what !== 'plan' && <p class="row"><button type="button" class="plain" onClick={() => selectAndSay(model, NOTHING)}>{t('planner.toPlan')}</button></p>}
          {what === 'plan' ? <PlanPanel model={model} /> : <Properties model={model} />}
        </section>
        <section class="card outline">
          <h2>{t('planner.tree')}</h2>
          <p class="quiet small" id="tree-help">{t('planner.treeHelp')}</p>
          <PlanTree model={model} enter={enter} />
          <Problems model={model} show={show} />
          <Counts model={model} />
        </section>
      </div>
    </div>
  );
}

async function load({ params: [id], signal }) {
  const hall = await get(`/halls/${id}`, { signal });
  const asked = Number(new URLSearchParams(location.search).get('version'));
  const version = asked >= 1 && asked <= hall.planVersion ? asked : hall.planVersion;
  const paths = [`/halls/${id}/plans/${version}`, `/venues/${hall.venueId}`];
  const [plan, venue] = await Promise.all(paths.map((path) => get(path, { signal })));
  return { hall, version, plan, venue, userId: signedIn().id };
}

export const planner = { load, View };
