// The concerts.

import { bookingState } from './concert.js';
import { h } from './dom.js';
import { date } from './format.js';
import { loadList } from './list.js';
import { t } from './text.js';

function card(concert) {
  const [first] = concert.nextDates;
  return h('li', { class: 'card' },
    h('h2', {}, h('a', { href: `/pages/concerts/${concert.id}`, 'data-link': true }, concert.title)),
    first && h('p', {}, date(first)),
    bookingState(concert));
}

export default async function page({ main, signal }) {
  const list = h('ul', { class: 'cards' });
  const more = await loadList('/concerts', signal, (concerts) => list.append(...concerts.map(card)));
  const none = !list.children.length && h('p', {}, t('concerts.none'));
  main.replaceChildren(h('h1', {}, t('concerts.title')), none || list, more);
}
