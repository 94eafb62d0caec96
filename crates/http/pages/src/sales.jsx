// How a concert sells, with the seat map and the terms of each of its dates.

import { useState } from 'preact/hooks';
import { all, get } from './api.js';
import { concertsById } from './concerts-by-id.js';
import { DateControls } from './date-controls.js';
import { moment, number, points, zoneOf } from './format.js';
import { useRepeat } from './hooks.js';
import { ManagedDate } from './managed-date.jsx';
import { ManagedSeats } from './managed-seats.js';
import { ManagedSeatsView } from './managed-seats.jsx';
import { SalesByDay } from './sales-days.jsx';
import { t } from './text.js';
import { Button, Empty, Failure, Link, Table } from './ui.jsx';

/** How often the figures are read anew, in milliseconds. */
const EVERY = 3000;
/** Numbers of seats of a date; complimentary tickets are among the sold. */
const COUNTS = ['free', 'held', 'sold', 'complimentary', 'blocked'];
const FIGURES = [...COUNTS, 'revenue'].map((name) => `sales.${name}`);

function Row({ date, schedule, show, manage, setTrouble }) {
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

/** The dates of a concert by their ids. */
const readDates = async (id, signal) => new Map((await all(`/concerts/${id}/schedules`, { signal })).map((schedule) => [schedule.id, schedule]));

/** The figures of all dates, and the ways to the map and the terms of each. */
function Dates({ sales, dates, show, manage, setTrouble }) {
  if (!sales.length) return <Empty icon="calendar"><p>{t('concert.noDates')}</p></Empty>;
  return (
    <Table label={t('sales.title')} columns={['sales.date', ...FIGURES, 'sales.map', 'date.manage']} amounts={FIGURES}>
      {sales.map((date) => (
        <Row key={date.scheduleId} date={date} schedule={dates.get(date.scheduleId)} show={show} manage={manage} setTrouble={setTrouble} />
      ))}
    </Table>
  );
}

function View({ data, params: [id], signal }) {
  const [sales, setSales] = useState(data.sales);
  const [days, setDays] = useState(data.days);
  const [dates, setDates] = useState(data.dates);
  const [map, setMap] = useState(data.map);
  const [managed, setManaged] = useState();
  const [trouble, setTrouble] = useState();
  const [problem, setProblem] = useState();
  const read = async () => {
    const newest = await get(`/concerts/${id}/sales`, { signal });
    if (soldOf(newest) !== soldOf(sales)) setDays(await readDays(id, signal));
    if (newest.some(({ scheduleId }) => !dates.has(scheduleId))) setDates(await readDates(id, signal));
    setSales(newest);
  };
  const error = useRepeat(EVERY, signal, read);
  const show = async (schedule) => setMap(await ManagedSeats.read(schedule, signal));
  const manage = async (schedule) => {
    if (managed && !managed.isClean() && !confirm(t('leave.sure'))) return;
    setManaged(await DateControls.read(schedule.id, signal));
  };
  const changed = async () => {
    setDates(await readDates(id, signal));
    await read();
  };
  return (
    <>
      <h1>{t('sales.title')}: {data.title}</h1>
      <div class="row"><Link class="button" href={`/pages/concerts/${id}/orders`}>{t('orders.title')}</Link></div>
      <Dates sales={sales} dates={dates} show={show} manage={manage} setTrouble={setTrouble} />
      <Failure error={error} /><Failure error={trouble} />
      {managed && <ManagedDate key={managed.schedule.id} controls={managed} signal={signal} onChange={changed} />}
      <SalesByDay items={days} />
      <Failure error={problem} again={() => show(map.schedule).then(() => setProblem(), setProblem)} />
      {map && <ManagedSeatsView key={map.schedule.id} seats={map} isOver={Boolean(dates.get(map.schedule.id).cancelledAt)} signal={signal} onProblem={setProblem} />}
    </>
  );
}

async function load({ params: [id], signal }) {
  const [sales, days, dates, concerts] = await Promise.all([
    get(`/concerts/${id}/sales`, { signal }), readDays(id, signal), readDates(id, signal), concertsById([id], signal),
  ]);
  const [first] = sales;
  return { sales, days, dates, title: concerts.get(id).title, map: first && await ManagedSeats.read(dates.get(first.scheduleId), signal) };
}

export const sales = { load, View };
