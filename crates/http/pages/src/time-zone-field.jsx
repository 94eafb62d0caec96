// The choice of a time zone by typing a part of its name.

import { useState } from 'preact/hooks';
import { language, t } from './text.js';
import { Field } from './ui.jsx';

/** The name of a zone in the reader's language, such as `Korean Standard Time`. */
function nameOf(zone) {
  const parts = new Intl.DateTimeFormat(language(), { timeZone: zone, timeZoneName: 'longGeneric' }).formatToParts();
  return parts.find(({ type }) => type === 'timeZoneName').value;
}

/** The current time in a zone, with its name; nothing while the typed text is not a zone. */
function clockOf(zone) {
  try {
    const time = new Intl.DateTimeFormat(language(), { timeZone: zone, timeStyle: 'short' }).format();
    return t('venue.clock', { time, zone: nameOf(zone) });
  } catch {
    return t('venue.zoneHint');
  }
}

/** A field for an IANA zone. The names of all zones are made when it is first used. */
export function TimeZoneField({ value, onInput }) {
  const [isUsed, use] = useState(false);
  return (
    <>
      <Field
        label={t('field.timeZone')} id="timeZone" name="timeZone" list="time-zones" maxLength={100} autoComplete="off" spellcheck={false}
        value={value} hint={clockOf(value)} onFocus={() => use(true)} onInput={onInput}
      />
      <datalist id="time-zones">
        {isUsed && Intl.supportedValuesOf('timeZone').map((zone) => <option key={zone} value={zone}>{nameOf(zone)}</option>)}
      </datalist>
    </>
  );
}
