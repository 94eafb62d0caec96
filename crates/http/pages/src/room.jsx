// One waiting room: its figures and its controls.

import { useState } from 'preact/hooks';
import { get, now, patch, post } from './api.js';
import { concertsById } from './concerts-by-id.js';
import { number } from './format.js';
import { useLeaveWarning, useModel, useRepeat } from './hooks.js';
import { Icon } from './icons.jsx';
import { ReasonForm } from './reason-form.jsx';
import { Chart, Series } from './room-chart.jsx';
import { Controls } from './room-controls.js';
import { metersOf } from './room-meters.js';
import { RoomState } from './room-state.jsx';
import { t } from './text.js';
import { Button, Failure, Field, Form, Link, Notice, say } from './ui.jsx';

/** How often the figures are read anew, in milliseconds. */
const EVERY = 2000;
/** The figures of a room and what they are called. */
const FIGURES = [
  ['waiting', 'rooms.waiting'], ['active', 'rooms.active'], ['admitted', 'room.admitted'],
  ['held', 'room.held'], ['sold', 'room.sold'],
  ['refused', 'room.refused'], ['latency', 'room.latency'],
];

async function salesOf(room, signal) {
  if (!room.concertId) return { held: null, sold: null };
  const sales = await get(`/concerts/${room.concertId}/sales`, { signal });
  const sum = (name) => sales.reduce((total, date) => total + date[name], 0);
  return { held: sum('held'), sold: sum('sold') };
}

/** The figures of the room that this tab showed last, under its id: a reload shows them again. */
const KEPT = 'stagedoor:figures';

function keptOf(id) {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}');
  return kept.id === id ? kept.series : {};
}

/** Figures of the whole service that are not known yet. */
const UNKNOWN = { latency: null, refused: null };

/** Adds the figures of a room to their series. */
async function note({ controls: { id, room }, series }, signal, measuring = UNKNOWN) {
  const [sales, measured] = await Promise.all([salesOf(room, signal), measuring]);
  const admitted = room.admittedPerMinute === null ? null : Math.round(room.admittedPerMinute);
  const figures = { waiting: room.waiting, active: room.active, admitted, ...sales, ...measured };
  Object.entries(figures).forEach(([name, value]) => series[name].add(now(), value));
  sessionStorage.setItem(KEPT, JSON.stringify({ id, series }));
}

/** Reads a room and its figures. */
async function refresh(data, signal) {
  const { controls, meters } = data;
  const { saves } = controls;
  const newest = await get(`/rooms/${controls.id}`, { signal });
  // What was read before a change here is old.
  if (saves === controls.saves) controls.learn(newest);
  await note(data, signal, meters());
}

function Inputs({ controls }) {
  const input = (name, attributes, hint) => (
    <Field
      key={name} label={t(`room.${name}`)} id={name} name={name} hint={hint} value={controls.values[name]}
      onInput={({ currentTarget }) => controls.edit(name, currentTarget.value)} {...attributes}
    />
  );
  const numbers = controls.numbers.map(([name, min, max]) => input(name, { type: 'number', min, max, step: 1, inputMode: 'numeric' }, t(`room.${name}Hint`)));
  return [...numbers, input('message', { maxLength: 300, required: false }, t('room.messageHint'))];
}

function Pause({ controls, setTrouble }) {
  const { room } = controls;
  const { paused } = room.policy;
  const change = async () => {
    if (!paused && !confirm(t('room.pauseSure', { n: room.waiting }))) return;
    await controls.send({ paused: !paused });
    say(t(`rooms.${paused ? 'open' : 'paused'}`));
  };
  return <Button kind={paused ? 'primary' : undefined} work={change} onFailure={setTrouble}>{!paused && <Icon name="pause" />}{t(paused ? 'room.resume' : 'room.pause')}</Button>;
}

/** Takes a user's token out of the queue. */
function Removal() {
  const [id, setId] = useState('');
  const [removed, setRemoved] = useState();
  const remove = async (reason) => {
    setRemoved(undefined);
    await post(`/queue-tokens/${encodeURIComponent(id.trim())}/removal`, { reason });
    const said = t('room.removed', { id: id.trim() });
    setRemoved(said);
    setId('');
    say(said);
  };
  return (
    <section class="card">
      <h2>{t('room.remove')}</h2>
      <p class="quiet">{t('room.removeHow')} <Link href="/pages/people">{t('room.removeByEmail')}</Link></p>
      <ReasonForm id="removal" button={t('room.remove')} sure={t('room.removeSure', { id: id.trim() })} submit={remove}>
        <Field
          label={t('room.token')} id="queueTokenId" value={id} onInput={({ currentTarget }) => setId(currentTarget.value)} maxLength={36} autoComplete="off" spellcheck={false}
          hint={t('room.tokenHint')}
        />
      </ReasonForm>
      {removed && <Notice kind="good"><p>{removed}</p></Notice>}
    </section>
  );
}

/** That the figures are old, or that the session has ended. */
function Connection({ error }) {
  if (!error) return null;
  return error.endsSession ? <Failure error={error} /> : <Notice kind="error"><p>{t('room.lost')}</p></Notice>;
}

function View({ data, signal }) {
  const { controls, series, title } = data;
  useModel(controls);
  const [trouble, setTrouble] = useState();
  const [, read] = useState();
  const error = useRepeat(EVERY, signal, async () => {
    await refresh(data, signal);
    read(now());
  });
  useLeaveWarning(() => controls.isClean());
  const { room } = controls;
  const hints = { active: t('room.ofCapacity', { n: number(room.policy.capacity) }), refused: t('room.wholeService'), latency: t('room.wholeService') };
  return (
    <>
      <h1>{title ?? t('rooms.site')}</h1>
      <div class="row">
        <RoomState room={room} /><Pause controls={controls} setTrouble={setTrouble} />
        {room.concertId && <Link class="button" href={`/pages/concerts/${room.concertId}/sales`}>{t('room.sales')}</Link>}
      </div>
      <Failure error={trouble} /><Connection error={error} />
      <div class="charts">{FIGURES.map(([name, key]) => <Chart key={name} name={t(key)} series={series[name]} hint={hints[name]} />)}</div>
      <section class="card">
        <h2>{t('room.controls')}</h2>
        <Form submit={() => controls.save()} button={t('room.save')} class="grid">
          <Inputs controls={controls} />
          <div role="status">
            {controls.conflicts().map(([name, value]) => (
              <Notice key={name} kind="note">{t('room.changedElsewhere', { name: t(`room.${name}`), value: value || t('actions.nothing') })}</Notice>
            ))}
            {controls.said && <Notice kind="good">{t(controls.said)}</Notice>}
          </div>
        </Form>
      </section>
      <Removal />
    </>
  );
}

async function load({ params: [id], signal }) {
  const room = await get(`/rooms/${id}`, { signal });
  const concerts = await concertsById([room.concertId], signal);
  const kept = keptOf(id);
  const series = Object.fromEntries(FIGURES.map(([name]) => [name, new Series(kept[name])]));
  const data = { controls: new Controls(id, room, patch), series, meters: metersOf(signal), title: concerts.get(room.concertId)?.title };
  data.controls.learn(room);
  // The first view does not wait for the metrics, which are long.
  await note(data, signal);
  return data;
}

export const room = { load, View };
