// Local times of a zone, as inputs have them: `2026-12-24T19:30`. Where no zone is named it is the service's.

import { timeZone, zoneName } from './format.js';
import { t } from './text.js';

const MINUTE = 60_000;
const FIELDS = { hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' };
const formats = new Map();

function partsIn(zone) {
  if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat('en', { ...FIELDS, timeZone: zone }));
  return formats.get(zone);
}

/** What clocks of the zone show at an instant, as if it were UTC. */
function shown(instant, zone) {
  const part = Object.fromEntries(partsIn(zone).formatToParts(new Date(instant)).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute);
}

/** The local time at an instant. */
export const localTime = (instant, zone = timeZone) => new Date(shown(instant, zone)).toISOString().slice(0, 16);

/** The instant at which clocks show a local time, the first if they show it twice; nothing if they skip it. */
export function instantOf(local, zone = timeZone) {
  const wanted = Date.parse(`${local}Z`);
  const offsets = [-24, 24].map((hours) => {
    const near = wanted + hours * 60 * MINUTE;
    return shown(near, zone) - near;
  });
  const found = offsets.map((offset) => wanted - offset).filter((instant) => shown(instant, zone) === wanted);
  return found.length ? new Date(Math.min(...found)) : null;
}

/** The instant at which a day begins, or the day that many `days` later. Clocks may skip midnight. */
export function startOfDay(day, days = 0) {
  const later = new Date(Date.parse(`${day}T00:00Z`) + days * 24 * 60 * MINUTE).toISOString().slice(0, 10);
  return instantOf(`${later}T00:00`) ?? instantOf(`${later}T01:00`) ?? new Date(`${later}T00:00Z`);
}

/** The instant of a local time as the API takes it. Throws when clocks skip it; `field` is the key of the field's name. */
export function instantShown(local, field, zone = timeZone) {
  const found = instantOf(local, zone);
  if (!found) throw new Error(t('organize.skipped', { field: t(field), zone: zoneName(Date.now(), zone) }));
  return found.toISOString();
}
