// Edits of a seat plan's document: each takes a plan and answers another one that shares all that stays the same.

import { boundsOf, cornersOf, positionsOf, turnOf } from './plan-geometry.js';

/** A number of the plan: thousandths are its finest step. */
export const rounded = (value) => Math.round(value * 1000) / 1000;

const CODE_MAX = 20;
const NAME_MAX = 40;
/** Colours of new zones, in this order. */
const COLOURS = ['#5b2a86', '#0b6a94', '#2e7d32', '#a85200', '#b5246d', '#4d5bd1', '#7a6a00', '#4a5a63'];

const mapAt = (list, indexes, change) => list.map((item, index) => (indexes.includes(index) ? change(item, index) : item));
const withSections = (plan, sections) => ({ ...plan, sections });

/** An object without the fields that are undefined: they have their defaults. */
const without = (item) => Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));

/** The first of `name`, `name 2`, `name 3` that is none of the `taken`, cut to `most` characters. */
function freeName(name, taken, most) {
  const base = name.replace(/ \d+$/, '');
  for (let count = 1; ; count += 1) {
    const end = count === 1 ? '' : ` ${count}`;
    const found = base.slice(0, most - end.length) + end;
    if (!taken.includes(found)) return found;
  }
}

const namesOf = (plan) => plan.sections.map(({ name }) => name);

// The positions of sections.

const rowsMeasured = new WeakMap();
const sectionsMeasured = new WeakMap();

function measureRow(row, index, spacing) {
  const known = rowsMeasured.get(row);
  if (known?.index === index && known.spacing === spacing) return known;
  const seats = positionsOf(row, index, spacing);
  const measured = { index, spacing, seats, bounds: boundsOf(seats) };
  rowsMeasured.set(row, measured);
  return measured;
}

/** The rows of a section with their seats, and the room of all of them, in the section's own coordinates. Rows are measured once, wherever the section is moved. */
function measure({ rows, rowSpacing = 1 }) {
  const known = sectionsMeasured.get(rows);
  if (known?.spacing === rowSpacing) return known;
  const measured = rows.map((row, index) => measureRow(row, index, rowSpacing));
  const result = { spacing: rowSpacing, rows: measured, area: boundsOf(measured.flatMap(({ bounds }) => cornersOf(bounds))) };
  sectionsMeasured.set(rows, result);
  return result;
}

/** The seats of each row of a section, with the room that the row takes. */
export const seatsOf = (section) => measure(section).rows;

/** The room that a section takes in its own coordinates, from the middles of its outermost seats. */
export function areaOf(section) {
  if (section.standing) return { x: 0, y: 0, w: section.standing.width, h: section.standing.height };
  return measure(section).area;
}

/** The room that a section takes in the plan, with half a seat around it. */
export function outlineOf(section) {
  const { x, y, w, h } = areaOf(section);
  const around = section.standing ? 0 : 0.6;
  return cornersOf({ x: x - around, y: y - around, w: w + 2 * around, h: h + 2 * around }).map(turnOf(section).out);
}

/** The room that the whole plan takes. */
export function extentOf({ stage, sections }) {
  const ofStage = cornersOf({ x: stage.x, y: stage.y, w: stage.width, h: stage.height });
  return boundsOf([...ofStage, ...sections.flatMap(outlineOf)]);
}

// Sections.

export const editStage = (plan, edit) => ({ ...plan, stage: { ...plan.stage, ...edit } });

export const editSections = (plan, indexes, edit) => withSections(plan, mapAt(plan.sections, indexes, (section) => without({ ...section, ...edit })));

export const moveSections = (plan, indexes, dx, dy) => withSections(plan, mapAt(plan.sections, indexes, (section) => ({
  ...section, x: rounded(section.x + dx), y: rounded(section.y + dy),
})));

/** Turns a section by degrees around its middle. */
function turned(section, degrees) {
  const { x, y, w, h } = areaOf(section);
  const middle = { x: x + w / 2, y: y + h / 2 };
  const before = turnOf(section).out(middle);
  const angle = rounded((((section.angle ?? 0) + degrees + 540) % 360) - 180);
  const after = turnOf({ ...section, angle }).out(middle);
  return without({ ...section, angle: angle || undefined, x: rounded(section.x + before.x - after.x), y: rounded(section.y + before.y - after.y) });
}

export const turnSections = (plan, indexes, degrees) => withSections(plan, mapAt(plan.sections, indexes, (section) => turned(section, degrees)));

export const removeSections = (plan, indexes) => withSections(plan, plan.sections.filter((_, index) => !indexes.includes(index)));

/** Adds copies of sections; they are the last ones of the plan. */
export function duplicateSections(plan, indexes) {
  const names = namesOf(plan);
  const copies = indexes.map((index) => {
    const { name, x, y, ...rest } = plan.sections[index];
    const own = freeName(name, names, NAME_MAX);
    names.push(own);
    return { name: own, ...rest, x: rounded(x + 2), y: rounded(y + 2) };
  });
  return withSections(plan, [...plan.sections, ...copies]);
}

/** A row as in a mirror, within a section that reaches to `right`: its seats keep their printed numbers. */
function mirroredRow(row, right) {
  const { seats, offset = 0, direction = 'ltr', aisles = [], exceptions = [] } = row;
  const turned = exceptions.map((exception) => ({ ...exception, seat: seats + 1 - exception.seat }));
  return tidyRow({
    ...row, offset: rounded(right - offset - widthOf(row)), direction: direction === 'ltr' ? 'rtl' : 'ltr',
    aisles: aisles.map((after) => seats - after).reverse(), exceptions: turned.reverse(),
  });
}

/** A section as in a mirror along the line through the middle of the stage. */
function mirrored(section, { x, width }) {
  const area = areaOf(section);
  const right = area.x + area.w;
  const corner = turnOf(section).out({ x: right, y: 0 });
  const rows = section.rows?.map((row) => mirroredRow(row, right));
  return without({ ...section, x: rounded(2 * x + width - corner.x), y: rounded(corner.y), angle: section.angle ? -section.angle : undefined, rows });
}

/** Adds mirrored copies of sections on the other side of the stage's middle; they are the last ones of the plan. */
export function mirrorSections(plan, indexes) {
  const names = namesOf(plan);
  const copies = indexes.map((index) => {
    const name = freeName(plan.sections[index].name, names, NAME_MAX);
    names.push(name);
    return { ...mirrored(plan.sections[index], plan.stage), name };
  });
  return withSections(plan, [...plan.sections, ...copies]);
}

/** Exchanges a section with the one before or after it: seats are numbered in the order of the sections. */
export function reorderSection(plan, index, step) {
  const sections = [...plan.sections];
  [sections[index], sections[index + step]] = [sections[index + step], sections[index]];
  return withSections(plan, sections);
}

/** Adds a section below all others, in the middle below the stage. */
function addBelow(plan, name, section) {
  const { y, h } = extentOf(plan);
  const area = areaOf(section);
  const middle = plan.stage.x + plan.stage.width / 2;
  const placed = { name: freeName(name, namesOf(plan), NAME_MAX), ...section, x: rounded(middle - area.x - area.w / 2), y: rounded(y + h + 2) };
  return withSections(plan, [...plan.sections, placed]);
}

export const addSeated = (plan, name, zone, bulk) => addBelow(plan, name, { zone, rows: newRows([], bulk) });

export const addStanding = (plan, name, zone, standing) => addBelow(plan, name, { zone, standing });

// Rows.

const HANGUL = '가나다라마바사아자차카타파하';

/** The label after another: `A` to `Z`, then `AA`; whole numbers; 가 to 하. */
export function nextLabel(label) {
  if (/^\d+$/.test(label)) return String(Number(label) + 1);
  const hangul = HANGUL.indexOf(label);
  if (hangul >= 0 && hangul < HANGUL.length - 1) return HANGUL[hangul + 1];
  const [, head, last] = label.match(/^(.*?)([A-Za-z])$/) ?? [];
  if (!last) {
    const [, text, digits] = label.match(/^(.*?)(\d*)$/);
    return `${text}${Number(digits || 1) + 1}`;
  }
  if (!/z/i.test(last)) return head + String.fromCharCode(last.charCodeAt(0) + 1);
  const first = last === 'Z' ? 'A' : 'a';
  return (/[A-Za-z]$/.test(head) ? nextLabel(head) : head + first) + first;
}

/** Labels from `start` on, without those that are `taken`. */
function labelsFrom(start, count, taken = []) {
  const labels = [];
  for (let label = start; labels.length < count; label = nextLabel(label)) if (!taken.includes(label)) labels.push(label);
  return labels;
}

/** A row whose aisles and exceptions are within its seats, and whose defaults are left out. */
function tidyRow({ label, seats, firstNumber, direction, offset, curve, spacing, aisles = [], exceptions = [] }) {
  const within = aisles.filter((after) => after < seats);
  const own = exceptions.filter(({ seat, kind, zone }) => seat <= seats && (kind !== 'SEAT' || zone));
  return without({
    label, seats,
    firstNumber: firstNumber === 1 ? undefined : firstNumber,
    direction: direction === 'ltr' ? undefined : direction,
    offset: offset || undefined, curve: curve || undefined, spacing: spacing === 1 ? undefined : spacing,
    aisles: within.length ? within : undefined, exceptions: own.length ? own : undefined,
  });
}

/** New rows: as many as `count`, each with `grow` more seats than the one before. */
function newRows(known, { count, seats, grow = 0, start, ...common }) {
  const labels = labelsFrom(start, count, known.map(({ label }) => label));
  const rows = labels.map((label, index) => tidyRow({ ...common, label, seats: Math.max(1, seats + grow * index) }));
  return grow ? centred(rows) : rows;
}

const widthOf = (row) => ((row.seats - 1 + (row.aisles?.length ?? 0)) * (row.spacing ?? 1));

/** Rows with offsets that bring their middles below each other. */
function centred(rows) {
  const widest = Math.max(...rows.map(widthOf));
  return rows.map((row) => tidyRow({ ...row, offset: rounded((widest - widthOf(row)) / 2) }));
}

const withRows = (plan, index, change) => withSections(plan, mapAt(plan.sections, [index], (section) => ({ ...section, rows: change(section.rows) })));

export const addRows = (plan, section, bulk) => withRows(plan, section, (rows) => [...rows, ...newRows(rows, bulk)]);

export const centreRows = (plan, section) => withRows(plan, section, centred);

const isFrom = (from, to) => (_, index) => index >= from && index <= to;

/** Gives the rows `from` to `to` of a section new values. */
export const editRows = (plan, section, from, to, edit) => withRows(plan, section, (rows) => rows.map((row, index) => (
  isFrom(from, to)(row, index) ? tidyRow({ ...row, ...edit }) : row
)));

export const removeRows = (plan, section, from, to) => withRows(plan, section, (rows) => rows.filter((row, index) => !isFrom(from, to)(row, index)));

/** Adds copies of rows behind them, with labels that are free. */
export const duplicateRows = (plan, section, from, to) => withRows(plan, section, (rows) => {
  const labels = labelsFrom(nextLabel(rows[to].label), to - from + 1, rows.map(({ label }) => label));
  const copies = rows.slice(from, to + 1).map((row, index) => ({ ...row, label: labels[index] }));
  return rows.toSpliced(to + 1, 0, ...copies);
});

/** Labels rows anew from `start` on. */
export function labelRows(plan, section, from, to, start) {
  return withRows(plan, section, (rows) => {
    const others = rows.filter((row, index) => !isFrom(from, to)(row, index)).map(({ label }) => label);
    const labels = labelsFrom(start, to - from + 1, others);
    return rows.map((row, index) => (isFrom(from, to)(row, index) ? { ...row, label: labels[index - from] } : row));
  });
}

// Seats.

/** Gives the seats `seat` to `seatTo` of the rows `row` to `rowTo` a kind, or a zone, which is null for that of the section. */
export function markSeats(plan, { section, row, rowTo, seat, seatTo }, { kind, zone }) {
  const own = plan.sections[section].zone;
  return withRows(plan, section, (rows) => rows.map((known, index) => (
    isFrom(row, rowTo)(known, index) ? marked(known, seat, Math.min(seatTo, known.seats), { kind, zone: zone === own ? null : zone }) : known
  )));
}

function marked(row, from, to, { kind, zone }) {
  const exceptions = new Map((row.exceptions ?? []).map((exception) => [exception.seat, exception]));
  for (let seat = from; seat <= to; seat += 1) {
    const before = exceptions.get(seat) ?? { kind: 'SEAT' };
    const after = { kind: kind ?? before.kind, zone: zone === undefined ? before.zone : zone ?? undefined };
    // A position without a seat has no zone.
    if (after.kind === 'ABSENT') delete after.zone;
    exceptions.set(seat, without({ seat, ...after }));
  }
  return tidyRow({ ...row, exceptions: [...exceptions.values()].sort((one, other) => one.seat - other.seat) });
}

/** Makes an aisle after a seat in the rows `from` to `to`, or takes it out if all of them have it. */
export function toggleAisle(plan, section, from, to, after) {
  return withRows(plan, section, (rows) => {
    const chosen = rows.filter((row, index) => isFrom(from, to)(row, index) && row.seats > after);
    const isThere = chosen.every((row) => row.aisles?.includes(after));
    return rows.map((row) => {
      if (!chosen.includes(row)) return row;
      const others = (row.aisles ?? []).filter((aisle) => aisle !== after);
      return tidyRow({ ...row, aisles: isThere ? others : [...others, after].sort((one, other) => one - other) });
    });
  });
}

// Zones.

/** A zone with a code, a name and a colour that no other has. */
export function addZone(plan, name) {
  const code = freeName(String(plan.zones.length + 1), plan.zones.map((zone) => zone.code), CODE_MAX);
  const used = plan.zones.map(({ colour }) => colour.toLowerCase());
  const colour = COLOURS.find((own) => !used.includes(own)) ?? COLOURS[plan.zones.length % COLOURS.length];
  return { ...plan, zones: [...plan.zones, { code, name, colour }] };
}

/** The plan with the zone of this code called by another one. */
function renamed(plan, from, to) {
  const row = (known) => (known.exceptions?.some(({ zone }) => zone === from)
    ? tidyRow({ ...known, exceptions: known.exceptions.map((exception) => (exception.zone === from ? { ...exception, zone: to } : exception)) })
    : known);
  const sections = plan.sections.map((section) => {
    const rows = section.rows?.map(row);
    const isSame = section.zone !== from && (!rows || rows.every((own, index) => own === section.rows[index]));
    return isSame ? section : without({ ...section, zone: section.zone === from ? to : section.zone, rows });
  });
  return withSections(plan, sections);
}

/** Changes a zone. With a new code, all that have the zone follow; not into a code that another zone has. */
export function editZone(plan, index, edit) {
  const { code } = plan.zones[index];
  const isTaken = plan.zones.some((zone, other) => other !== index && zone.code === edit.code);
  const followed = edit.code === undefined || edit.code === code || isTaken ? plan : renamed(plan, code, edit.code);
  return { ...followed, zones: mapAt(plan.zones, [index], (zone) => ({ ...zone, ...edit })) };
}

/** Takes out a zone; what had it gets that of the code `heir`. */
export const removeZone = (plan, index, heir) => ({ ...renamed(plan, plan.zones[index].code, heir), zones: plan.zones.toSpliced(index, 1) });
