// A reminder of a concert's opening as a calendar file (RFC 5545), made in the browser.

import { t } from './text.js';

/** How long before the opening a calendar reminds, in minutes. */
const MINUTES_BEFORE = 15;

const stamp = (instant) => new Date(instant).toISOString().replace(/[-:]|\.\d+/g, '');
const escaped = (text) => text.replace(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');

/** A line of at most 75 octets; the rest follows on lines that begin with a space. */
function folded(line) {
  const parts = [''];
  let octets = 0;
  for (const character of line) {
    const size = new TextEncoder().encode(character).length;
    if (octets + size > 73) {
      parts.push('');
      octets = 1;
    }
    parts[parts.length - 1] += character;
    octets += size;
  }
  return parts.join('\r\n ');
}

/** The file's content. */
export function reminderOf({ id, title, bookingOpensAt }, address, now = Date.now()) {
  const opens = Date.parse(bookingOpensAt);
  return [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Stagedoor//Stagedoor//EN', 'BEGIN:VEVENT',
    `UID:opening-${id}@${new URL(address).hostname}`, `DTSTAMP:${stamp(now)}`,
    `DTSTART:${stamp(opens)}`, `DTEND:${stamp(opens + 30 * 60_000)}`,
    `SUMMARY:${escaped(t('reminder.title', { title }))}`, `URL:${address}`, `DESCRIPTION:${escaped(address)}`,
    'BEGIN:VALARM', 'ACTION:DISPLAY', `TRIGGER:-PT${MINUTES_BEFORE}M`, `DESCRIPTION:${escaped(title)}`, 'END:VALARM',
    'END:VEVENT', 'END:VCALENDAR', '',
  ].map(folded).join('\r\n');
}

/** Has the browser save something as a file. */
export function save(name, type, content) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export function saveReminder(concert) {
  const address = `${location.origin}/pages/concerts/${concert.id}/book`;
  save('booking-opens.ics', 'text/calendar', reminderOf(concert, address));
}
