// Numbers, money and times in the reader's language. Times are in the zone of a venue or of the service, and say so.

import { language, t } from './text.js';

const formats = new Map();

/** The browser's own variety of the language, such as `en-GB`, for the order of days and months. */
const locale = () => navigator.languages.find((tag) => tag.slice(0, 2) === language()) ?? language();

function format(kind, options, tag = locale()) {
  const key = `${tag} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new kind(tag, options));
  return formats.get(key);
}

/** The service's time zone, by its IANA name. */
export const timeZone = known(document.querySelector('meta[name=stagedoor-time-zone]')?.content ?? 'UTC');

/** The zone, or UTC in a browser that does not know it. */
function known(zone) {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone && zone;
  } catch {
    return 'UTC';
  }
}

/** The zone of a concert's, a date's or a ticket's venue; that of the service, without a venue. */
export const zoneOf = ({ venue }) => (venue ? known(venue.timeZone) : timeZone);

/** The name of a zone at a time, such as `South Korea Time`. */
export function zoneName(value = Date.now(), zone = timeZone) {
  const parts = format(Intl.DateTimeFormat, { timeZone: zone, timeZoneName: 'shortGeneric' }, language()).formatToParts(new Date(value));
  return parts.find(({ type }) => type === 'timeZoneName').value;
}

const zoned = (value, options, zone = timeZone) =>
  `${format(Intl.DateTimeFormat, { ...options, timeZone: zone }).format(new Date(value))} (${zoneName(value, zone)})`;

export const number = (value) => format(Intl.NumberFormat, {}).format(value);
/** A number in few characters, such as `1.5M`. */
export const short = (value) => format(Intl.NumberFormat, { notation: 'compact' }).format(value);
export const points = (value) => t('points', { n: number(value) });
export const date = (value, zone) => zoned(value, { dateStyle: 'full', timeStyle: 'short' }, zone);
export const moment = (value, zone) => zoned(value, { dateStyle: 'medium', timeStyle: 'short' }, zone);
/** A time of day in the service's zone, where the zone is said elsewhere. */
export const timeOfDay = (value) => format(Intl.DateTimeFormat, { timeStyle: 'medium', timeZone }).format(new Date(value));
export const clock = (value, zone) => zoned(value, { timeStyle: 'medium' }, zone);

const DAY = 86_400_000;
/** A calendar day, such as `2026-11-21`, as whole days since 1970. */
export const dayNumber = (day) => Date.parse(`${day}T00:00Z`) / DAY;
const dayAs = (number, options) => format(Intl.DateTimeFormat, { ...options, timeZone: 'UTC' }).format(new Date(number * DAY));
/** A calendar day in words, and in few characters. */
export const wholeDay = (number) => dayAs(number, { dateStyle: 'medium' });
export const shortDay = (number) => dayAs(number, { day: 'numeric', month: 'short' });

/** A countdown, `4:07`, `1:04:07`, or with days in front. */
export function countdown(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  if (seconds >= 86_400) {
    return t('countdown.days', { n: number(Math.floor(seconds / 86_400)), time: countdown((seconds % 86_400) * 1000) });
  }
  const two = (value) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

/** A length of time in words, rounded to what a person would say. */
export function about(seconds) {
  if (seconds < 60) return t('seconds', { n: Math.max(5, Math.ceil(seconds / 5) * 5) });
  if (seconds < 5400) return t('minutes', { n: Math.ceil(seconds / 60) });
  if (seconds < 172_800) return t('hours', { n: number(Math.round(seconds / 360) / 10) });
  return t('days', { n: number(Math.round(seconds / 86_400)) });
}

/** The venue of a concert or a ticket with its address, in one line. */
export const placeOf = ({ venue }) => [venue.name, venue.address].filter(Boolean).join(', ');

/** The name of a seat: as it is printed, if its date has a plan. */
export function seatName({ label, kind, row, rowLabel = row, column, seatNumber = column }) {
  if (kind === 'STANDING') return t('seat.standing', { label, n: seatNumber });
  return t(label ? 'seat.labelled' : 'seat.plain', { label, row: rowLabel, column: seatNumber });
}
