// One's points, and what happened to them.

import { useState } from 'preact/hooks';
import { get, post } from './api.js';
import { moment, number, points as pointsOf } from './format.js';
import { t } from './text.js';
import { Empty, Field, Form, Table, say } from './ui.jsx';

const FIGURES = ['points.amount', 'points.balance'];

const Entry = ({ entry }) => (
  <tr>
    <td>{moment(entry.createdAt)}</td>
    <td>{t(`points.${entry.kind}`)}</td>
    <td class={`amount ${entry.kind === 'USE' ? '' : 'gain'}`}>{(entry.kind === 'USE' ? '−' : '+') + number(entry.amount)}</td>
    <td class="amount">{number(entry.balanceAfter)}</td>
  </tr>
);

async function read(signal) {
  const [account, page] = await Promise.all([get('/points', { signal }), get('/points/history?limit=50', { signal })]);
  return { account, entries: page.items };
}

function View({ data, signal }) {
  const [{ account, entries }, setRead] = useState(data);
  const charge = async ({ amount }) => {
    await post('/points/charges', { amount: Number(amount) });
    setRead(await read(signal));
    say(t('points.done', { n: number(amount) }));
  };
  return (
    <>
      <h1>{t('points.title')}</h1>
      <section class="card wallet">
        <p class="quiet">{t('points.balance')}</p>
        <p class="large">{pointsOf(account.balance)}</p>
        {account.directCharges
          ? (
            <Form submit={charge} button={t('points.charge')} class="inline">
              <Field label={t('points.amount')} id="amount" name="amount" type="number" min={1} max={100_000_000} step={1} inputMode="numeric" defaultValue="50000" />
            </Form>
          )
          : <p>{t('points.noCharges')}</p>}
      </section>
      <h2>{t('points.history')}</h2>
      {entries.length
        ? (
          <Table label={t('points.history')} columns={['points.when', 'points.what', ...FIGURES]} amounts={FIGURES}>
            {entries.map((entry) => <Entry key={entry.id} entry={entry} />)}
          </Table>
        )
        : <Empty icon="wallet"><p>{t('points.none')}</p></Empty>}
    </>
  );
}

export const points = { load: ({ signal }) => read(signal), View };
