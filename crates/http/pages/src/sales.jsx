// How a concert sells, with the seat map and the terms of each of its dates.

import { useEffect, useState } from 'preact/hooks';
import { all, get } from './api.js';
import { concertsById } from './concerts-by-id.js';
import { DateControls } from './date-controls.js';
import { follow } from './events.js';
import { moment, number, points } from './format.js';
import { useRepeat } from './hooks.js';
import { ManagedDate } from './managed-date.jsx';
import { SalesByDay } from './sales-days.jsx';
import { SeatPlan } from './seat-plan.jsx';
import { readPlan, readStates } from './seat-reads.js';
import { SeatStates } from './seat-states.js';
import { Hall } from './seating.js';
import { t } from './text.js';
import { Button, Empty, Failure, Link, Table } from './ui.jsx';

/** How often the figures are read anew, in milliseconds. */
const EVERY = 3000;
const FIGURES = ['sales.free', 'sales.held', 'sales.sold', 'sales.revenue'];

/** A live map that nothing can be chosen on. */
function LiveMap({ date, hall, states, signal, onProblem }) {
  const [followers] = useState(() => new Set());
  const subscribe = (listener) => {
    followers.add(listener);
    return () => followers.delete(listener);
  };
  useEffect(() => {
    const gone = new AbortController();
    const until = AbortSignal.any([signal, gone.signal]);
    follow({
      subject: `sales ${date.scheduleId}`,
      path: `/schedules/${date.scheduleId}/seats/events?states=true`,
      signal: until,
      take: (news) => {
        if (states.learn(news).length) followers.forEach((follower) => follower());
        return true;
      },
      poll: async (end) => ({ data: await readStates(date.scheduleId, { signal: end, attempts: 1 }), wait: 2000 }),
      snapshot: () => states.snapshot(),
    }).catch((error) => !until.aborted && onProblem(error));
    return () => gone.abort();
  }, [states]);
  const stateOf = (seat) => (states.isFree(seat) ? 'free' : 'taken');
  return (
    <section>
      <h2>{moment(date.startsAt)}</h2>
      <SeatPlan hall={hall} states={states} stateOf={stateOf} subscribe={subscribe} label={t('seats.map')} />
      <p id="seats-help" class="quiet">{t('seats.look')}</p>
    </section>
  );
}

async function readMap(date, signal) {
  const [plan, states] = await Promise.all([readPlan(date.scheduleId, { signal }), readStates(date.scheduleId, { signal })]);
  return { date, hall: new Hall(plan), states: new SeatStates(states) };
}

function Row({ date, isCancelled, show, manage, setTrouble }) {
  const day = moment(date.startsAt);
  return (
    <tr>
      <th scope="row">{day}{isCancelled && <span class="tag">{t('date.isCancelled')}</span>}</th>
      {[date.free, date.held, date.sold].map((count, index) => <td key={index} class="amount">{number(count)}</td>)}
      <td class="amount">{points(date.revenue)}</td>
      <td>
        <Button work={() => show(date)} onFailure={setTrouble} aria-label={t('sales.show', { date: day })}>{t('sales.map')}</Button>
      </td>
      <td>
        <Button work={() => manage(date)} onFailure={setTrouble} aria-label={t('date.title', { date: day })}>{t('date.manage')}</Button>
      </td>
    </tr>
  );
}

const readDays = (id, signal) => get(`/concerts/${id}/sales/days`, { signal });
/** What changes with every sale and refund. */
const soldOf = (sales) => sales.map(({ sold, revenue }) => `${sold} ${revenue}`).join();

const readCancelled = async (id, signal) => {
  const schedules = await all(`/concerts/${id}/schedules`, { signal });
  return new Set(schedules.filter(({ cancelledAt }) => cancelledAt).map((schedule) => schedule.id));
};

/** The figures of all dates, and the ways to the map and the terms of each. */
function Dates({ sales, cancelled, show, manage, setTrouble }) {
  if (!sales.length) return <Empty icon="calendar"><p>{t('concert.noDates')}</p></Empty>;
  return (
    <Table label={t('sales.title')} columns={['sales.date', ...FIGURES, 'sales.map', 'date.manage']} amounts={FIGURES}>
      {sales.map((date) => (
        <Row key={date.scheduleId} date={date} isCancelled={cancelled.has(date.scheduleId)} show={show} manage={manage} setTrouble={setTrouble} />
      ))}
    </Table>
  );
}

function View({ data, params: [id], signal }) {
  const [sales, setSales] = useState(data.sales);
  const [days, setDays] = useState(data.days);
  const [cancelled, setCancelled] = useState(data.cancelled);
  const [map, setMap] = useState(data.map);
  const [managed, setManaged] = useState();
  const [trouble, setTrouble] = useState();
  const [problem, setProblem] = useState();
  const read = async () => {
    const newest = await get(`/concerts/${id}/sales`, { signal });
    if (soldOf(newest) !== soldOf(sales)) setDays(await readDays(id, signal));
    setSales(newest);
  };
  const error = useRepeat(EVERY, signal, read);
  const show = async (date) => setMap(await readMap(date, signal));
  const manage = async (date) => {
    if (managed && !managed.isClean() && !confirm(t('leave.sure'))) return;
    setManaged(await DateControls.read(date.scheduleId, signal));
  };
  const changed = async () => {
    setCancelled(await readCancelled(id, signal));
    await read();
  };
  return (
    <>
      <h1>{t('sales.title')}: {data.title}</h1>
      <div class="row"><Link class="button" href={`/pages/concerts/${id}/orders`}>{t('orders.title')}</Link></div>
      <Dates sales={sales} cancelled={cancelled} show={show} manage={manage} setTrouble={setTrouble} />
      <Failure error={error ?? problem} /><Failure error={trouble} />
      {managed && <ManagedDate key={managed.schedule.id} controls={managed} signal={signal} onChange={changed} />}
      <SalesByDay items={days} />
      {map && <LiveMap key={map.date.scheduleId} {...map} signal={signal} onProblem={setProblem} />}
    </>
  );
}

async function load({ params: [id], signal }) {
  const [sales, days, cancelled, concerts] = await Promise.all([
    get(`/concerts/${id}/sales`, { signal }), readDays(id, signal), readCancelled(id, signal), concertsById([id], signal),
  ]);
  const [first] = sales;
  return { sales, days, cancelled, title: concerts.get(id).title, map: first && await readMap(first, signal) };
}

export const sales = { load, View };
