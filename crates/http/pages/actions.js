// What operators changed: who, what, before and after.

import { all, get } from './api.js';
import { concertTitles } from './concert-titles.js';
import { columns, h } from './dom.js';
import { moment } from './format.js';
import './staff-text.js';
import { t } from './text.js';

function shown(value) {
  if (value === '') return t('actions.nothing');
  return typeof value === 'boolean' ? t(`actions.${value}`) : String(value);
}

function changes({ before, after }) {
  const flat = ({ policy, message }) => ({ ...policy, message });
  const [old, fresh] = [flat(before), flat(after)];
  return Object.keys(fresh).filter((name) => old[name] !== fresh[name]).map((name) => t('actions.from', {
    name: t(name === 'paused' ? 'actions.paused' : `room.${name}`), before: shown(old[name]), after: shown(fresh[name]),
  }));
}

const row = (action, room) => h('tr', {},
  h('td', {}, moment(action.at)),
  h('td', {}, action.operatorName),
  h('td', {}, h('a', { href: `/pages/rooms/${action.roomId}`, 'data-link': true }, room)),
  h('td', {}, h('ul', {}, changes(action).map((change) => h('li', {}, change)))));

/** What rooms are called, by their ids. */
async function roomNames(signal) {
  const rooms = await all('/rooms', { signal });
  const titles = await concertTitles(rooms.map((room) => room.concertId).filter(Boolean), signal);
  return new Map(rooms.map((room) => [room.id, titles.get(room.concertId) ?? t('rooms.site')]));
}

export default async function page({ main, signal }) {
  const body = h('tbody');
  const more = h('button', { type: 'button' }, t('concerts.more'));
  const names = await roomNames(signal);
  let cursor;
  const load = async () => {
    const found = await get(`/operator-actions?limit=50${cursor ? `&cursor=${cursor}` : ''}`, { signal });
    body.append(...found.items.map((action) => row(action, names.get(action.roomId))));
    cursor = found.nextCursor;
    more.hidden = !cursor;
  };
  more.addEventListener('click', load);
  await load();
  main.replaceChildren(
    h('h1', {}, t('actions.title')),
    body.children.length
      ? h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': t('actions.title') },
        h('table', {}, columns(['points.when', 'actions.who', 'rooms.room', 'actions.what']), body))
      : h('p', {}, t('actions.none')),
    more,
  );
}
