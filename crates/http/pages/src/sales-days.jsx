// What was sold on each day, as charts and as a table.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Plot } from './chart-page.js';
import { dayNumber, number, points, wholeDay } from './format.js';
import { useSeen } from './hooks.js';
import { t } from './text.js';
import { Empty, Failure, Table } from './ui.jsx';

/** The most days that are drawn: the last ones. */
const DAYS_MAX = 366;

/** Adds up what `keyOf` answers alike, in the order of its first appearance. */
function sums(items, keyOf) {
  const found = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const sum = found.get(key) ?? { ...item, tickets: 0, revenue: 0 };
    found.set(key, { ...sum, tickets: sum.tickets + item.tickets, revenue: sum.revenue + item.revenue });
  }
  return [...found.values()];
}

/** The figures of every day from the first to the last with sales; days between without any have zero. */
function everyDay(items) {
  const known = new Map(sums(items, ({ day }) => day).map((sum) => [dayNumber(sum.day), sum]));
  const last = Math.max(...known.keys());
  const first = Math.max(Math.min(...known.keys()), last - DAYS_MAX + 1);
  const days = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const figures = (name) => days.map((day) => known.get(day)?.[name] ?? 0);
  return { days, tickets: figures('tickets'), revenue: figures('revenue') };
}

/** A bar for each day, from the first to the last: `days` are whole days since 1970, `values` their figures. */
function DayChart({ name, total, words, days, values }) {
  return (
    <figure class="card">
      <figcaption>{name}</figcaption>
      <strong class="large">{total}</strong>
      <Plot words={words} subject={values} data={[days, values]} range={() => [days[0] - 0.5, days.at(-1) + 0.5]} byDay />
    </figure>
  );
}

const FIGURES = ['sales.tickets', 'sales.revenue'];

function DayTable({ items }) {
  return (
    <details class="past">
      <summary>{t('sales.asTable')}</summary>
      <Table label={t('sales.byDay')} columns={['sales.day', 'sales.section', ...FIGURES]} amounts={FIGURES}>
        {sums(items, ({ day, section }) => `${day} ${section}`).map(({ day, section, tickets, revenue }) => (
          <tr key={`${day} ${section}`}>
            <th scope="row">{wholeDay(dayNumber(day))}</th>
            <td>{section || t('sales.noSection')}</td>
            <td class="amount">{number(tickets)}</td>
            <td class="amount">{points(revenue)}</td>
          </tr>
        ))}
      </Table>
    </details>
  );
}

function Days({ items }) {
  const total = (name) => items.reduce((sum, item) => sum + item[name], 0);
  const { days, tickets, revenue } = useMemo(() => (items.length ? everyDay(items) : {}), [items]);
  const words = (key, value) => t('sales.words', { name: t(key), value, from: wholeDay(days[0]), to: wholeDay(days.at(-1)) });
  const chart = (key, values, value) => <DayChart key={key} name={t(key)} total={value} words={words(key, value)} days={days} values={values} />;
  if (!items.length) return <Empty icon="ticket"><p>{t('sales.noneYet')}</p></Empty>;
  return (
    <>
      <div class="charts few">
        {chart('sales.tickets', tickets, number(total('tickets')))}
        {chart('sales.revenue', revenue, points(total('revenue')))}
      </div>
      <DayTable items={items} />
    </>
  );
}

/** What was sold by day: `read` reads what `/sales/days` answers, when it is first seen and after each change of `version`. */
export function SalesByDay({ read, version }) {
  const place = useRef();
  const isSeen = useSeen(place);
  const [{ items, error }, setFound] = useState({});
  const again = () => read().then((found) => setFound({ items: found }), (problem) => setFound({ items, error: problem }));
  useEffect(() => { if (isSeen) again(); }, [isSeen, version]);
  return (
    <section ref={place}>
      <h2>{t('sales.byDay')}</h2>
      <Failure error={error} again={again} />
      {items && <Days items={items} />}
    </section>
  );
}
