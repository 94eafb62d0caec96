// How a concert sells, with the seat map and the terms of each of its dates.

import { useState } from 'preact/hooks';
import { get } from './api.js';
import { concertsById } from './concerts-by-id.js';
import { moment, number, points, zoneOf } from './format.js';
import { useRepeat } from './hooks.js';
import { router } from './router.js';
import { SalesByDay } from './sales-days.jsx';
import { readManagedPage } from './scripts.js';
import { t } from './text.js';
import { Button, Empty, Failure, Link, Table } from './ui.jsx';

/** How often the figures are read anew, in milliseconds. */
const EVERY = 3000;
/** Numbers of seats of a date; complimentary tickets are among the sold. */
const COUNTS = ['free', 'held', 'sold', 'complimentary', 'blocked'];
const FIGURES = [...COUNTS, 'revenue'].map((name) => `sales.${name}`);

/** A date as the sales name it: with its id as dates have it. */
const dateOf = ({ scheduleId, startsAt, cancelledAt, venue }) => ({ id: scheduleId, startsAt, cancelledAt, venue });

function Row({ date, show, manage, setTrouble }) {
  const schedule = dateOf(date);
  const day = moment(schedule.startsAt, zoneOf(schedule));
  return (
    <tr>
      <th scope="row">{day}{schedule.cancelledAt && <span class="tag">{t('date.isCancelled')}</span>}</th>
      {COUNTS.map((name) => <td key={name} class="amount">{number(date[name])}</td>)}
      <td class="amount">{points(date.revenue)}</td>
      <td>
        <Button work={() => show(schedule)} onFailure={setTrouble} aria-label={t('sales.show', { date: day })}>{t('sales.map')}</Button>
      </td>
      <td>
        <Button work={() => manage(schedule)} onFailure={setTrouble} aria-label={t('date.title', { date: day })}>{t('date.manage')}</Button>
      </td>
    </tr>
  );
}

const readDays = (id, signal) => get(`/concerts/${id}/sales/days`, { signal });
/** What changes with every sale and refund. */
const soldOf = (sales) => sales.map(({ sold, revenue }) => `${sold} ${revenue}`).join();

/** Reads the seat map of a date, with the script that shows it. */
async function readMap(schedule, signal) {
  const { ManagedSeats, ManagedSeatsView } = await readManagedPage();
  return { schedule, ManagedSeatsView, seats: await ManagedSeats.read(schedule, signal) };
}

/** Reads the terms of a date, with the script that shows them. */
async function readTerms(schedule, signal) {
  const { DateControls, ManagedDate } = await readManagedPage();
  return { ManagedDate, controls: await DateControls.read(schedule.id, signal) };
}

/** The date whose map the address asks for. */
const asked = () => new URLSearchParams(location.search).get('map');

/** The map of a date. */
const SeatMap = ({ map: { ManagedSeatsView, ...map }, ...attributes }) => <ManagedSeatsView {...map} {...attributes} />;

/** The terms of a date. */
const Terms = ({ terms: { ManagedDate, controls }, ...attributes }) => <ManagedDate controls={controls} {...attributes} />;

/** The figures of all dates, and the ways to the map and the terms of each. */
function Dates({ sales, show, manage, setTrouble }) {
  if (!sales.length) return <Empty icon="calendar"><p>{t('concert.noDates')}</p></Empty>;
  return (
    <Table label={t('sales.title')} columns={['sales.date', ...FIGURES, 'sales.map', 'date.manage']} amounts={FIGURES}>
      {sales.map((date) => (
        <Row key={date.scheduleId} date={date} show={show} manage={manage} setTrouble={setTrouble} />
      ))}
    </Table>
  );
}

function View({ data, params: [id], signal }) {
  const [sales, setSales] = useState(data.sales);
  const [map, setMap] = useState(data.map);
  const [managed, setManaged] = useState();
  const [trouble, setTrouble] = useState();
  const [problem, setProblem] = useState();
  const read = async () => setSales(await get(`/concerts/${id}/sales`, { signal }));
  const error = useRepeat(EVERY, signal, read);
  const show = async (schedule) => {
    setMap(await readMap(schedule, signal));
    setProblem();
    // A reload shows it again.
    router.at(`${location.pathname}?map=${schedule.id}`);
  };
  const manage = async (schedule) => {
    if (managed && !managed.controls.isClean() && !confirm(t('leave.sure'))) return;
    setManaged(await readTerms(schedule, signal));
  };
  const isOver = ({ id: shown }) => Boolean(sales.find(({ scheduleId }) => scheduleId === shown)?.cancelledAt);
  return (
    <>
      <h1>{t('sales.title')}: {data.title}</h1>
      <div class="row"><Link class="button" href={`/pages/concerts/${id}/orders`}>{t('orders.title')}</Link></div>
      <Dates sales={sales} show={show} manage={manage} setTrouble={setTrouble} />
      <Failure error={error} /><Failure error={trouble} />
      {managed && <Terms key={managed.controls.schedule.id} terms={managed} signal={signal} onChange={read} />}
      <SalesByDay read={() => readDays(id, signal)} version={soldOf(sales)} />
      <Failure error={problem} again={() => show(map.schedule).then(() => setProblem(), setProblem)} />
      {map && <SeatMap key={map.schedule.id} map={map} isOver={isOver(map.schedule)} signal={signal} onProblem={setProblem} />}
    </>
  );
}

async function load({ params: [id], signal }) {
  const [sales, concerts] = await Promise.all([get(`/concerts/${id}/sales`, { signal }), concertsById([id], signal)]);
  const shown = sales.find(({ scheduleId }) => scheduleId === asked());
  return { sales, title: concerts.get(id).title, map: shown && await readMap(dateOf(shown), signal) };
}

export const sales = { load, View };
