// The waiting rooms.

import { useState } from 'preact/hooks';
import { all, post } from './api.js';
import { concertsById } from './concerts-by-id.js';
import { number } from './format.js';
import { useRepeat } from './hooks.js';
import { Icon } from './icons.jsx';
import { RoomState } from './room-state.jsx';
import { t } from './text.js';
import { Button, Failure, Link, Table, say } from './ui.jsx';

/** How often the figures are read anew, in milliseconds. */
const EVERY = 3000;

async function read(signal) {
  const found = await all('/rooms', { signal });
  const concerts = await concertsById(found.map((room) => room.concertId), signal);
  return found.map((room) => ({ room, title: concerts.get(room.concertId)?.title }));
}

/** Pauses or resumes admission to all rooms: one at a time, because a repetition of the first would undo the second. */
function All({ found, refresh, setTrouble }) {
  const [isBusy, setBusy] = useState(false);
  const change = async (paused) => {
    if (!confirm(t(paused ? 'rooms.pauseAllSure' : 'rooms.resumeAllSure', { n: number(found.length) }))) return;
    setBusy(true);
    try {
      const { changed } = await post('/rooms/pause', { paused });
      say(t(paused ? 'rooms.pausedAll' : 'rooms.resumedAll', { n: number(changed) }));
      await refresh();
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="row">
      <Button work={() => change(true)} disabled={isBusy} onFailure={setTrouble}><Icon name="pause" />{t('rooms.pauseAll')}</Button>
      <Button work={() => change(false)} disabled={isBusy} onFailure={setTrouble}>{t('rooms.resumeAll')}</Button>
    </div>
  );
}

function View({ data, signal }) {
  const [found, setFound] = useState(data);
  const [trouble, setTrouble] = useState();
  const refresh = async () => setFound(await read(signal));
  const error = useRepeat(EVERY, signal, refresh);
  return (
    <>
      <h1>{t('rooms.title')}</h1>
      <All found={found} refresh={refresh} setTrouble={setTrouble} />
      <Failure error={trouble} /><Failure error={error} />
      <Table label={t('rooms.title')} columns={['rooms.room', 'rooms.waiting', 'rooms.active', 'rooms.state']} amounts={['rooms.waiting', 'rooms.active']}>
        {found.map(({ room, title }) => (
          <tr key={room.id}>
            <th scope="row"><Link href={`/pages/rooms/${room.id}`}>{title ?? t('rooms.site')}</Link></th>
            <td class="amount">{number(room.waiting)}</td>
            <td class="amount">{number(room.active)}</td>
            <td><RoomState room={room} /></td>
          </tr>
        ))}
      </Table>
    </>
  );
}

export const rooms = { load: ({ signal }) => read(signal), View };
