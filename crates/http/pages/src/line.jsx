// Waiting in the queue.

import { useEffect, useState } from 'preact/hooks';
import { now, remove } from './api.js';
import { about, clock, number, zoneOf } from './format.js';
import { useModel } from './hooks.js';
import { Icon } from './icons.jsx';
import { notifications } from './notify.js';
import { t } from './text.js';
import { Button, Failure, Notice, say } from './ui.jsx';

/** How often screen readers are told of the progress at most, in milliseconds. */
const SAY_EVERY = 15_000;
let lastSaid = 0;

function sayNowAndThen(text) {
  if (Date.now() - lastSaid < SAY_EVERY) return;
  lastSaid = Date.now();
  say(text);
}

function Notify() {
  const { wanted } = useModel(notifications);
  return (
    <button type="button" aria-pressed={wanted} onClick={() => notifications.toggle()}>
      <Icon name="bell" />{t(wanted ? 'line.notifyOn' : 'line.notify')}
    </button>
  );
}

/** That the connection is lost, or how long the page was away. */
function Connection({ connection, place, zone }) {
  if (!connection) return null;
  const { away } = connection;
  const text = away ? t('line.back', { time: about(away / 1000) }) : t('line.lost', { at: clock(place.expiresAt, zone) });
  return <Notice kind={away ? 'note' : 'error'} role={away ? 'status' : 'alert'}><p>{text}</p></Notice>;
}

function Progress({ first, position }) {
  if (first <= 1) return null;
  return <progress aria-label={t('line.progress')} max={1} value={(first - position) / (first - 1)} />;
}

export function Line({ booking, signal }) {
  useModel(booking);
  const { place, connection, concert } = booking;
  const [trouble, setTrouble] = useState();
  const ahead = place.ahead ? t('line.ahead', { n: number(place.ahead) }) : t('line.next');
  const seconds = place.estimatedWaitSeconds;
  useEffect(() => { if (place.message) say(place.message); }, [place.message]);
  useEffect(() => { document.title = `(${number(place.position)}) ${concert.title}`; });
  useEffect(() => sayNowAndThen(ahead), [ahead]);
  const estimate = place.ahead ? t('line.noEstimate') : t('line.soon');
  const leave = async () => {
    if (!confirm(t('line.leaveSure'))) return;
    await booking.with((token) => remove('/queue-tokens/me', { token, signal }));
    booking.isOver({ reason: 'LEFT' });
  };
  return (
    <section class="narrow card">
      <h1>{t('line.title')}</h1>
      <Connection connection={connection} place={place} zone={zoneOf(concert)} />
      {place.message && <Notice kind="note"><strong>{t('line.message')}</strong><p class="text">{place.message}</p></Notice>}
      {place.paused && <Notice kind="note"><p>{t('line.paused')}</p></Notice>}
      <p class="quiet label">{t('line.position')}</p>
      <strong class="position" key={place.position}>{number(place.position)}</strong>
      <p class="ahead">{ahead}</p>
      <Progress first={booking.joinedAt} position={place.position} />
      {!place.paused && <p>{seconds === null ? estimate : t('line.estimate', { time: about(seconds) })}</p>}
      <p class="quiet">{t('line.waiting', { n: number(place.waiting) })}</p>
      <p>{t('line.keep', { time: about((Date.parse(place.expiresAt) - now()) / 1000) })}</p>
      <p class="quiet small">{t('line.number')}: <code>{place.id}</code></p>
      <Failure error={trouble} />
      <div class="row"><Notify /><Button kind="plain" work={leave} onFailure={setTrouble}>{t('line.leave')}</Button></div>
    </section>
  );
}
