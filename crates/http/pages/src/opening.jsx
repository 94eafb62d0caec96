// The time until booking opens, and a reminder of it.

import { useEffect } from 'preact/hooks';
import { now, pause } from './api.js';
import { date, zoneOf } from './format.js';
import { Icon } from './icons.jsx';
import { saveReminder } from './reminder.js';
import { t } from './text.js';
import { Countdown } from './ui.jsx';

/** The longest time that a browser's timer takes, in milliseconds. */
const TIMER_MAX = 2 ** 31 - 1;

/** The time until booking opens; the page is read anew at that instant. */
export function Opening({ concert, signal, onOpen }) {
  useEffect(() => {
    // Not all pages ask at the same instant.
    const wait = Math.min(Date.parse(concert.bookingOpensAt) - now() + 200 + Math.random() * 800, TIMER_MAX);
    const gone = new AbortController();
    pause(Math.max(wait, 0), AbortSignal.any([signal, gone.signal])).then(onOpen, () => {});
    return () => gone.abort();
  }, [concert.bookingOpensAt]);
  return (
    <>
      <p><strong>{t('dates.notYet', { at: date(concert.bookingOpensAt, zoneOf(concert)) })}</strong></p>
      <p class="countdown large" role="timer"><Countdown until={concert.bookingOpensAt} text={(time) => t('opening.left', { time })} /></p>
    </>
  );
}

export const Reminder = ({ concert }) => (
  <button type="button" onClick={() => saveReminder(concert)}><Icon name="bell" />{t('reminder.save')}</button>
);
