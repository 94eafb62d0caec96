// The concerts.

import { get } from './api.js';
import { h } from './dom.js';
import { date } from './format.js';
import { t } from './text.js';

function card(concert) {
  const [first] = concert.nextDates;
  return h('li', { class: 'card' },
    h('h2', {}, h('a', { href: `/pages/concerts/${concert.id}`, 'data-link': true }, concert.title)),
    first && h('p', {}, date(first)),
    h('p', { class: concert.bookable ? 'tag good' : 'tag' }, t(concert.bookable ? 'concert.open' : 'concert.closed')));
}

export default async function page({ main, signal }) {
  const list = h('ul', { class: 'cards' });
  const more = h('button', { type: 'button' }, t('concerts.more'));
  let cursor;
  const load = async () => {
    const found = await get(`/concerts?limit=24${cursor ? `&cursor=${cursor}` : ''}`, { signal });
    list.append(...found.items.map(card));
    cursor = found.nextCursor;
    more.hidden = !cursor;
  };
  more.addEventListener('click', load);
  await load();
  const none = !list.children.length && h('p', {}, t('concerts.none'));
  main.replaceChildren(h('h1', {}, t('concerts.title')), none || list, more);
}
