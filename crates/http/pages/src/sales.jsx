// How a concert sells, and the seat map of each of its dates.

import { useEffect, useState } from 'preact/hooks';
import { get } from './api.js';
import { concertsById } from './concerts-by-id.js';
import { follow } from './events.js';
import { moment, number, points } from './format.js';
import { useRepeat } from './hooks.js';
import { allOf, rangesOf } from './seat-changes.js';
import { SeatPlan } from './seat-plan.jsx';
import { t } from './text.js';
import { Button, Empty, Failure, Link, Table } from './ui.jsx';

/** How often the figures are read anew, in milliseconds. */
const EVERY = 3000;
const FIGURES = ['sales.free', 'sales.held', 'sales.sold', 'sales.revenue'];

const stateOf = (seat) => (seat.status === 'FREE' ? 'free' : 'taken');

/** A live map that nothing can be chosen on. */
function LiveMap({ date, seats, signal, onProblem }) {
  const [followers] = useState(() => new Set());
  const subscribe = (listener) => {
    followers.add(listener);
    return () => followers.delete(listener);
  };
  useEffect(() => {
    const gone = new AbortController();
    const until = AbortSignal.any([signal, gone.signal]);
    const path = `/schedules/${date.scheduleId}/seats`;
    const byNumber = new Map(seats.map((seat) => [seat.number, seat]));
    follow({
      subject: `sales ${date.scheduleId}`,
      path: `${path}/events`,
      signal: until,
      take: (data) => {
        const changed = rangesOf(data, seats).filter(([seat, status]) => byNumber.get(seat)?.status !== status);
        changed.forEach(([seat, status]) => { byNumber.get(seat).status = status; });
        followers.forEach((follower) => follower(changed.map(([seat]) => seat)));
        return true;
      },
      poll: async (end) => ({ data: allOf(await get(path, { signal: end, attempts: 1 })), wait: 2000 }),
      snapshot: () => allOf(seats),
    }).catch((error) => !until.aborted && onProblem(error));
    return () => gone.abort();
  }, [date.scheduleId]);
  return (
    <section>
      <h2>{moment(date.startsAt)}</h2>
      <SeatPlan seats={seats} stateOf={stateOf} subscribe={subscribe} label={t('seats.map')} />
      <p id="seats-help" class="quiet">{t('seats.look')}</p>
    </section>
  );
}

const readMap = async (date, signal) => ({ date, seats: await get(`/schedules/${date.scheduleId}/seats`, { signal }) });

function Row({ date, show, setTrouble }) {
  return (
    <tr>
      <th scope="row">{moment(date.startsAt)}</th>
      {[date.free, date.held, date.sold].map((count, index) => <td key={index} class="amount">{number(count)}</td>)}
      <td class="amount">{points(date.revenue)}</td>
      <td>
        <Button work={() => show(date)} onFailure={setTrouble} aria-label={t('sales.show', { date: moment(date.startsAt) })}>{t('sales.map')}</Button>
      </td>
    </tr>
  );
}

function View({ data, params: [id], signal }) {
  const [sales, setSales] = useState(data.sales);
  const [map, setMap] = useState(data.map);
  const [trouble, setTrouble] = useState();
  const [problem, setProblem] = useState();
  const error = useRepeat(EVERY, signal, async () => setSales(await get(`/concerts/${id}/sales`, { signal })));
  const show = async (date) => setMap(await readMap(date, signal));
  return (
    <>
      <h1>{t('sales.title')}: {data.title}</h1>
      <div class="row"><Link class="button" href={`/pages/concerts/${id}/orders`}>{t('orders.title')}</Link></div>
      {sales.length
        ? (
          <Table label={t('sales.title')} columns={['sales.date', ...FIGURES, 'sales.map']} amounts={FIGURES}>
            {sales.map((date) => <Row key={date.scheduleId} date={date} show={show} setTrouble={setTrouble} />)}
          </Table>
        )
        : <Empty icon="calendar"><p>{t('concert.noDates')}</p></Empty>}
      <Failure error={error ?? problem} /><Failure error={trouble} />
      {map && <LiveMap key={map.date.scheduleId} date={map.date} seats={map.seats} signal={signal} onProblem={setProblem} />}
    </>
  );
}

async function load({ params: [id], signal }) {
  const [sales, concerts] = await Promise.all([get(`/concerts/${id}/sales`, { signal }), concertsById([id], signal)]);
  const [first] = sales;
  return { sales, title: concerts.get(id).title, map: first && await readMap(first, signal) };
}

export const sales = { load, View };
