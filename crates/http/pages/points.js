// One's points, and what happened to them.

import { get, post } from './api.js';
import { columns, field, h, say } from './dom.js';
import { form } from './form.js';
import { moment, number, points } from './format.js';
import { t } from './text.js';

const FIGURES = ['points.amount', 'points.balance'];

function row(entry) {
  const sign = entry.kind === 'USE' ? '−' : '+';
  return h('tr', {},
    h('td', {}, moment(entry.createdAt)),
    h('td', {}, t(`points.${entry.kind}`)),
    h('td', { class: 'amount' }, sign + number(entry.amount)),
    h('td', { class: 'amount' }, number(entry.balanceAfter)));
}

function history(entries) {
  if (!entries.length) return h('p', {}, t('points.none'));
  return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': t('points.history') }, h('table', {},
    columns(['points.when', 'points.what', ...FIGURES], FIGURES),
    h('tbody', {}, entries.map(row))));
}

export default async function page({ main, signal }) {
  const balance = h('strong', { class: 'large' });
  const past = h('div');
  const refresh = async () => {
    const [account, page] = await Promise.all([get('/points', { signal }), get('/points/history?limit=50', { signal })]);
    balance.textContent = points(account.balance);
    past.replaceChildren(history(page.items));
    return account;
  };
  const charge = form(async ({ amount }) => {
    await post('/points/charges', { amount: Number(amount) });
    await refresh();
    say(t('points.done', { n: number(amount) }));
  }, t('points.charge'), [field(t('points.amount'), {
    id: 'amount', name: 'amount', type: 'number', min: 1, max: 100_000_000, step: 1, inputmode: 'numeric', value: 50_000,
  })]);
  const { directCharges } = await refresh();
  main.replaceChildren(
    h('h1', {}, t('points.title')),
    h('section', { class: 'card' },
      h('p', {}, t('points.balance'), ' ', balance), directCharges ? charge : h('p', {}, t('points.noCharges'))),
    h('h2', {}, t('points.history')),
    past,
  );
}
