// Numbers, money and times in the reader's language.

import { language, t } from './text.js';

const formats = new Map();

function formatted(kind, options, value) {
  const key = `${language()} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new kind(language(), options));
  return formats.get(key).format(value);
}

export const number = (value) => formatted(Intl.NumberFormat, {}, value);
export const points = (value) => t('points', { n: number(value) });
export const date = (value) => formatted(Intl.DateTimeFormat, {
  dateStyle: 'full', timeStyle: 'short', timeZone: 'Asia/Seoul',
}, new Date(value));
export const moment = (value) => formatted(Intl.DateTimeFormat, {
  dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Seoul',
}, new Date(value));
export const clock = (value) => formatted(Intl.DateTimeFormat, { timeStyle: 'medium' }, new Date(value));

/** A countdown, `4:07`. */
export function countdown(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A length of time in words, rounded to what a person would say. */
export function about(seconds) {
  if (seconds < 60) return t('seconds', { n: Math.max(5, Math.ceil(seconds / 5) * 5) });
  if (seconds < 5400) return t('minutes', { n: Math.ceil(seconds / 60) });
  return t('hours', { n: number(Math.round(seconds / 360) / 10) });
}

export const seatName = (seat) => t(seat.label ? 'seat.labelled' : 'seat.plain', seat);
