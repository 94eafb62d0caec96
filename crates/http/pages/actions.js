// What operators changed and read: who, what, before and after.

import { all } from './api.js';
import { concertTitles } from './concert-titles.js';
import { columns, h } from './dom.js';
import { moment } from './format.js';
import { loadList } from './list.js';
import './staff-text.js';
import { t } from './text.js';

function shown(value) {
  if (value === '') return t('actions.nothing');
  return typeof value === 'boolean' ? t(`actions.${value}`) : String(value);
}

function changes({ kind, before, after }) {
  if (kind !== 'ROOM_CHANGED') return [t(`actions.${kind}`)];
  const flat = ({ policy, message }) => ({ ...policy, message });
  const [old, fresh] = [flat(before), flat(after)];
  return Object.keys(fresh).filter((name) => old[name] !== fresh[name]).map((name) => t('actions.from', {
    name: t(name === 'paused' ? 'actions.paused' : `room.${name}`), before: shown(old[name]), after: shown(fresh[name]),
  }));
}

const row = (action, room) => h('tr', {},
  h('td', {}, moment(action.at)),
  h('td', {}, h('ul', {}, changes(action).map((change) => h('li', {}, change)))),
  h('td', {}, action.roomId
    ? h('a', { href: `/pages/rooms/${action.roomId}`, 'data-link': true }, room)
    : h('code', {}, action.userId)),
  h('td', {}, action.operatorName));

/** What rooms are called, by their ids. */
async function roomNames(signal) {
  const rooms = await all('/rooms', { signal });
  const titles = await concertTitles(rooms.map((room) => room.concertId).filter(Boolean), signal);
  return new Map(rooms.map((room) => [room.id, titles.get(room.concertId) ?? t('rooms.site')]));
}

export default async function page({ main, signal }) {
  const body = h('tbody');
  const names = await roomNames(signal);
  const more = await loadList('/operator-actions', signal, (actions) => {
    body.append(...actions.map((action) => row(action, names.get(action.roomId))));
  });
  main.replaceChildren(
    h('h1', {}, t('actions.title')),
    body.children.length
      ? h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': t('actions.title') },
        h('table', {}, columns(['points.when', 'actions.what', 'actions.of', 'actions.who']), body))
      : h('p', {}, t('actions.none')),
    more,
  );
}
