// How long the queue token lets its user shop.

import { useEffect, useRef } from 'preact/hooks';
import { now } from './api.js';
import { countdown } from './format.js';
import { useSeconds } from './hooks.js';
import { Icon } from './icons.jsx';
import { t } from './text.js';
import { say } from './ui.jsx';

/** The times that are said aloud before the end, in seconds. */
const WARNINGS = [120, 30];

/** A line that counts down the time of the queue token, and warns before it ends. */
export function TimeToShop({ booking }) {
  useSeconds();
  const left = Date.parse(booking.place.expiresAt) - now();
  const said = useRef(new Set());
  useEffect(() => {
    const due = WARNINGS.filter((seconds) => left <= seconds * 1000 && left > 0).pop();
    if (!due || said.current.has(due)) return;
    said.current.add(due);
    say(t('dates.timeLeft', { time: countdown(left) }));
  });
  return (
    <p class={`timer${left < 120_000 ? ' urgent' : ''}`} role="timer"><Icon name="clock" />{t('dates.timeLeft', { time: countdown(left) })}</p>
  );
}
