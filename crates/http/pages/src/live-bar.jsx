// Lines that any page may show: a live hold, a position in a queue, and a request that waits to be sent again.

import { useEffect, useState } from 'preact/hooks';
import { now, retries } from './api.js';
import { countdown, number } from './format.js';
import { useModel, useSeconds } from './hooks.js';
import { Icon } from './icons.jsx';
import { standing } from './standing.js';
import { t } from './text.js';
import { Link } from './ui.jsx';

const left = (instant) => Date.parse(instant) - now();

const Line = ({ icon, text, concertId, action, isUrgent }) => (
  <div class={`live${isUrgent ? ' urgent' : ''}`}>
    <Icon name={icon} /><span>{text}</span>
    <Link class="button" href={`/pages/concerts/${concertId}/book`}>{action}</Link>
  </div>
);

/** The hold, or else the position, with the time that is left. */
export function LiveBar() {
  useModel(standing);
  useSeconds();
  if (standing.isBooking()) return null;
  const { hold } = standing;
  const place = standing.place();
  if (hold && left(hold.expiresAt) > 0) {
    const text = t('live.hold', { title: hold.title, time: countdown(left(hold.expiresAt)) });
    return <Bar><Line icon="seat" text={text} concertId={hold.concertId} action={t('live.pay')} isUrgent={left(hold.expiresAt) < 60_000} /></Bar>;
  }
  if (!place) return null;
  const values = { title: place.title, n: number(place.position), time: countdown(left(place.expiresAt)) };
  const isIn = place.status === 'ACTIVE';
  const text = t(isIn ? 'live.turn' : 'live.waiting', values);
  return <Bar><Line icon="clock" text={text} concertId={place.concertId} action={t(isIn ? 'live.choose' : 'live.back')} isUrgent={isIn} /></Bar>;
}

const Bar = ({ children }) => <aside aria-label={t('live.name')}>{children}</aside>;

const REASONS = { 0: 'retry.lost', 429: 'retry.busy', 503: 'retry.busy' };

/** Says that a request waits to be sent again, and why. */
export function Retries() {
  const [text, setText] = useState('');
  useEffect(() => {
    const wait = ({ detail: { problem, seconds } }) => setText(t(REASONS[problem.status] ?? 'retry.failed', { n: seconds }));
    const end = () => setText('');
    retries.addEventListener('waiting', wait);
    retries.addEventListener('over', end);
    return () => {
      retries.removeEventListener('waiting', wait);
      retries.removeEventListener('over', end);
    };
  }, []);
  return <div class="waiting" role="status" hidden={!text}>{text}</div>;
}
