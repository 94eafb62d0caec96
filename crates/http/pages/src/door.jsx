// The door of a date: the camera, what a scan came to, and the people who have come in.

import { useEffect, useState } from 'preact/hooks';
import { clock, date, number, placeOf, seatName, zoneOf } from './format.js';
import { Camera, prepareCamera } from './door-camera.jsx';
import { Door } from './door-model.js';
import { isLoud, setLoud } from './door-sound.js';
import { installDoor } from './door-worker-client.js';
import { useModel, useRepeat } from './hooks.js';
import { Icon } from './icons.jsx';
import { ReasonForm } from './reason-form.jsx';
import { rest } from './rest.js';
import { t } from './text.js';
import { Empty, Failure, Field, Form, Link, Notice, problemText } from './ui.jsx';

/** How often the door sends and counts, in milliseconds. */
const EVERY = 5000;
/** How long a result fills the window, in milliseconds; a refusal stays until it is touched. */
const GOOD_TIME = 2500;

const SIGNS = { good: 'check', note: 'info', error: 'alert' };
const HEADINGS = { good: 'door.good', note: 'door.kept', error: 'door.refused' };

const whenAndWhere = ({ scannedAt, door }, zone) => t('door.first', { at: clock(scannedAt, zone), door });

/** Why a scan was refused. */
function reasonOf({ error, reason, first }, zone) {
  const { checkIn, startsAt } = error?.body ?? {};
  return [
    error ? problemText(error) : t(reason),
    (checkIn ?? first) && whenAndWhere(checkIn ?? first, zone),
    startsAt && date(startsAt, zone),
  ].filter(Boolean);
}

/** The holder and the seat of a ticket. */
const Who = ({ entry, shown }) => (
  <>
    <p class="who">{entry?.holderName ?? shown}</p>
    {entry && <p class="seat-of">{seatName(entry.seat)}</p>}
  </>
);

/** What a scan came to, in the whole window. A touch or a key closes it. */
function Result({ door, zone }) {
  const { result } = door;
  const close = () => {
    door.result = undefined;
    door.changed();
  };
  useEffect(() => {
    if (!result || result.kind === 'error') return undefined;
    const timer = setTimeout(close, GOOD_TIME);
    return () => clearTimeout(timer);
  }, [result]);
  useEffect(() => {
    if (!result) return undefined;
    const pressed = ({ key }) => { if (key === 'Escape') close(); };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [result]);
  return (
    <div aria-live="assertive">
      {result && (
        <div class={`result ${result.kind}`}>
          <p class="sign"><Icon name={SIGNS[result.kind]} />{t(HEADINGS[result.kind])}</p>
          <Who entry={result.entry} shown={result.shown} />
          {result.kind === 'note' && <p>{t(result.isUnknown ? 'door.notListed' : 'door.keptHow')}</p>}
          {result.kind === 'error' && reasonOf(result, zone).map((text) => <p key={text}>{text}</p>)}
          <button type="button" class="huge wide" onClick={close}>{t('door.next')}</button>
        </div>
      )}
    </div>
  );
}

/** How many have come in, at each door. */
const Counts = ({ door: { count, isOffline } }) => (
  <section class="card" aria-label={t('door.counts')}>
    {count && (
      <>
        <p class="large">{t('door.in', { n: number(count.checkedIn), of: number(count.tickets) })}</p>
        <progress max={Math.max(count.tickets, 1)} value={count.checkedIn} aria-label={t('door.counts')} />
        <ul class="plain-list">{count.doors.map(({ door, checkedIn }) => <li key={door}>{door}: {number(checkedIn)}</li>)}</ul>
      </>
    )}
    {isOffline && <Notice kind="note" role="status"><p>{t('door.offline')}</p></Notice>}
  </section>
);

/** Finding a ticket by its number or by the name of its holder. */
function Search({ door }) {
  const [text, setText] = useState('');
  const found = door.find(text);
  const scan = async (entry) => {
    await door.scan({ number: entry?.number ?? text });
    setText('');
  };
  return (
    <section class="card">
      <Form submit={() => scan(found.length === 1 ? found[0] : undefined)} button={t('door.checkIn')} disabled={!door.door.trim() || door.isBusy}>
        <Field label={t('door.find')} id="find" name="find" type="search" value={text} autoComplete="off" maxLength={100} onInput={({ currentTarget }) => setText(currentTarget.value)} />
      </Form>
      <ul class="plain-list" aria-label={t('door.found')}>
        {found.map((entry) => (
          <li key={entry.ticketId} class="found">
            <span><strong>{entry.holderName}</strong><br />{seatName(entry.seat)} · <code>{entry.number}</code></span>
            {entry.status === 'CHECKED_IN'
              ? <span class="tag">{t('door.isIn')}</span>
              : <button type="button" disabled={!door.door.trim() || door.isBusy} onClick={() => scan(entry)}>{t('door.letIn')}</button>}
          </li>
        ))}
      </ul>
      {text.trim().length > 1 && found.length === 0 && <p class="quiet">{t('door.notFound')}</p>}
    </section>
  );
}

/** The scans that wait to be sent, and those that were refused when they were sent. */
function Kept({ door, zone }) {
  const [waiting, conflicts] = [door.scans.unsent(), door.scans.conflicts()];
  return (
    <>
      {waiting.length > 0 && <Notice kind="note" role="status"><p>{t('door.waiting', { n: number(waiting.length) })}</p></Notice>}
      {conflicts.length > 0 && (
        <section class="card">
          <h2>{t('door.conflicts')}</h2>
          <p>{t('door.conflictsHow')}</p>
          <ul class="plain-list">
            {conflicts.map((scan) => (
              <li key={scan.key} class="found">
                <span>
                  <strong>{scan.holderName ?? scan.shown}</strong> · {clock(scan.body.scannedAt, zone)}<br />
                  {scan.conflict.message} {scan.conflict.checkIn && whenAndWhere(scan.conflict.checkIn, zone)}
                </span>
                <button type="button" onClick={() => door.dismiss(scan)}>{t('door.dismiss')}</button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** The last scans; one that let someone in can be taken back. */
const Recent = ({ door, zone }) => (
  <section class="card">
    <h2>{t('door.recent')}</h2>
    {door.recent.length === 0 && <p class="quiet">{t('door.noScans')}</p>}
    <ol class="plain-list">
      {door.recent.map((scan) => (
        <li key={scan.serial}>
          <span class={`tag ${scan.kind === 'good' ? 'good' : 'soon'}`}>{t(HEADINGS[scan.kind])}</span> {scan.entry?.holderName ?? scan.shown} · {clock(scan.at, zone)}
          {scan.kind === 'good' && (
            <details>
              <summary>{t('door.undo')}</summary>
              <ReasonForm id={`${scan.serial}`} button={t('door.undo')} sure={t('door.undoSure', { name: scan.entry.holderName })} submit={(reason) => door.undo(scan.entry, reason)} />
            </details>
          )}
        </li>
      ))}
    </ol>
  </section>
);

/** The list on paper: every ticket, with a box to tick. */
const Paper = ({ door }) => (
  <table class="paper">
    <caption>{door.date.title} · {date(door.date.startsAt, zoneOf(door.date))}</caption>
    <thead><tr>{['door.box', 'door.name', 'door.seat', 'door.number'].map((key) => <th key={key} scope="col">{t(key)}</th>)}</tr></thead>
    <tbody>
      {door.sorted().map(({ ticketId, holderName, seat, number: of, status }) => (
        <tr key={ticketId}><td>{status === 'CHECKED_IN' ? '☑' : '☐'}</td><td>{holderName}</td><td>{seatName(seat)}</td><td>{of}</td></tr>
      ))}
    </tbody>
  </table>
);

/** The list as a table, and on paper. It is drawn when it is printed: it may be long. */
function Lists({ door }) {
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => {
    const done = () => setPrinting(false);
    addEventListener('afterprint', done);
    return () => removeEventListener('afterprint', done);
  }, []);
  useEffect(() => { if (isPrinting) print(); }, [isPrinting]);
  return (
    <>
      <div class="row">
        <button type="button" onClick={() => setPrinting(true)}><Icon name="print" />{t('door.print')}</button>
        <a class="button" href={`/api/v1/schedules/${door.date.scheduleId}/door-list.csv`} download><Icon name="download" />{t('door.csv')}</a>
        <Link class="button" href="/pages/door">{t('door.others')}</Link>
      </div>
      {isPrinting && <Paper door={door} />}
    </>
  );
}

function Sound() {
  const [loud, setState] = useState(isLoud());
  const change = () => {
    setLoud(!loud);
    setState(!loud);
  };
  return <button type="button" aria-pressed={loud} onClick={change}>{t('door.sound')}</button>;
}

function View({ data: door, signal }) {
  if (door.isMissing) return <Empty icon="calendar"><h1>{t('door.title')}</h1><p>{t('door.missing')}</p><Link class="button primary" href="/pages/door">{t('door.others')}</Link></Empty>;
  return <Shown door={door} signal={signal} />;
}

function Shown({ door, signal }) {
  useModel(door);
  rest.enter();
  useModel(rest);
  useEffect(() => { if (rest.isAtRest) prepareCamera().then(installDoor); }, [rest.isAtRest]);
  const error = useRepeat(EVERY, signal, () => door.tick(signal));
  const zone = zoneOf(door.date);
  return (
    <div class="door">
      <h1>{door.date.title}</h1>
      <p class="fact"><Icon name="calendar" />{date(door.date.startsAt, zone)}</p>
      {door.date.venue && <p class="fact"><Icon name="place" />{placeOf(door.date)}</p>}
      <Failure error={error} />
      <div class="beside">
        <div>
          <section class="card">
            <Field label={t('door.this')} id="door" name="door" value={door.door} maxLength={40} autoComplete="off" hint={t('door.thisHint')} onInput={({ currentTarget }) => door.setDoor(currentTarget.value)} />
            <Camera disabled={!door.door.trim()} onStart={() => door.forgetLast()} onCode={(code) => door.saw(code)} />
            <div class="row"><Sound /></div>
          </section>
          <Search door={door} />
        </div>
        <div>
          <Counts door={door} />
          <Kept door={door} zone={zone} />
          <Recent door={door} zone={zone} />
          <Lists door={door} />
        </div>
      </div>
      <Result door={door} zone={zone} />
    </div>
  );
}

export const door = { load: ({ params: [id], signal }) => Door.read(id, signal), View };
