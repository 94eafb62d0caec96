// What operators changed and read: who, what, before and after.

import { all } from './api.js';
import { concertsById } from './concerts-by-id.js';
import { moment, number } from './format.js';
import { firstPage, useList } from './list.jsx';
import { t } from './text.js';
import { Empty, Link, Table } from './ui.jsx';

function shown(value) {
  if (value === '') return t('actions.nothing');
  return typeof value === 'boolean' ? t(`actions.${value}`) : String(value);
}

function changes({ kind, before, after, role, reason, seatNumbers }) {
  if (kind !== 'ROOM_CHANGED') {
    return [t(`actions.${kind}`, { n: number(seatNumbers?.length ?? 0) }), role && t(`people.${role}`), reason].filter(Boolean);
  }
  const flat = ({ policy, message }) => ({ ...policy, message });
  const [old, fresh] = [flat(before), flat(after)];
  return Object.keys(fresh).filter((name) => old[name] !== fresh[name]).map((name) => t('actions.from', {
    name: t(name === 'paused' ? 'actions.paused' : `room.${name}`), before: shown(old[name]), after: shown(fresh[name]),
  }));
}

const Action = ({ action, titles }) => (
  <tr>
    <td>{moment(action.at)}</td>
    <td><ul>{changes(action).map((change) => <li key={change}>{change}</li>)}</ul></td>
    <td>
      {action.roomId
        ? <Link href={`/pages/rooms/${action.roomId}`}>{titles.get(action.roomId) ?? t('rooms.site')}</Link>
        : <code>{action.scheduleId ?? action.venueId ?? action.hallId ?? action.userId}</code>}
    </td>
    <td>{action.operatorName}</td>
  </tr>
);

function View({ data: { titles, list }, signal }) {
  const { items, more } = useList(list, signal);
  return (
    <>
      <h1>{t('actions.title')}</h1>
      {items.length
        ? (
          <Table label={t('actions.title')} columns={['points.when', 'actions.what', 'actions.of', 'actions.who']}>
            {items.map((action) => <Action key={action.id} action={action} titles={titles} />)}
          </Table>
        )
        : <Empty icon="info"><p>{t('actions.none')}</p></Empty>}
      {more}
    </>
  );
}

/** What rooms are called, by their ids: the titles of their concerts. */
async function titlesOfRooms(signal) {
  const rooms = await all('/rooms', { signal });
  const concerts = await concertsById(rooms.map((room) => room.concertId), signal);
  return new Map(rooms.map((room) => [room.id, concerts.get(room.concertId)?.title]));
}

async function load({ signal }) {
  const [titles, list] = await Promise.all([titlesOfRooms(signal), firstPage('/operator-actions', signal)]);
  return { titles, list };
}

export const actions = { load, View };
