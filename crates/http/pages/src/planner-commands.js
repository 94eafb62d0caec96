// The commands for the selection, which the toolbar, the keyboard, the drawing and the tree share.

import {
  duplicateRows, duplicateSections, editStage, markSeats, mirrorSections, moveSections, outlineOf, removeRows, removeSections, rounded, seatsOf, toggleAisle, turnSections,
} from './planner-edit.js';
import { boundsOf } from './plan-geometry.js';
import { NOTHING } from './planner-model.js';
import { t } from './text.js';
import { say } from './ui.jsx';

/** The distance by which an arrow key moves a section, in units, without and with Shift. */
const STEP = 1;
const FINE_STEP = 0.1;
/** By how much a bracket turns a section, in degrees. */
const TURN = 5;

/** The keys that give seats a kind. */
const KIND_KEYS = { s: 'SEAT', a: 'ACCESSIBLE', c: 'COMPANION', r: 'RESTRICTED_VIEW', x: 'ABSENT' };
/** The kinds of seats, and the keys for them. */
export const KINDS = Object.entries(KIND_KEYS).map(([key, kind]) => ({ key, kind }));

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export const kindOf = (row, seat) => row.exceptions?.find((exception) => exception.seat === seat)?.kind ?? 'SEAT';

/** The printed number of a position. */
export const printedNumber = ({ seats, firstNumber = 1, direction = 'ltr' }, seat) => (direction === 'rtl' ? firstNumber + seats - seat : firstNumber + seat - 1);

/** The selection, in words. */
export function selectionName({ plan, selection, section, range }) {
  const name = plan.sections[section]?.name;
  const label = (row) => plan.sections[section].rows[row].label;
  const { row, rowTo, seat, seatTo } = range;
  switch (selection.what) {
    case 'stage': return t('planner.stage');
    case 'sections': return selection.sections.length > 1 ? t('planner.sectionCount', { n: selection.sections.length }) : name;
    case 'rows': return row === rowTo ? t('planner.row', { name, row: label(row) }) : t('planner.rowRange', { name, from: label(row), to: label(rowTo) });
    case 'seats':
      if (row === rowTo && seat === seatTo) return seatName(plan.sections[section], row, seat);
      if (row === rowTo) return t('planner.rowSeats', { name, row: label(row), seat, seatTo });
      return t('planner.seatRange', { name, from: label(row), to: label(rowTo), seat, seatTo });
    default: return t('planner.all');
  }
}

export function seatName({ name, rows }, row, seat) {
  const at = rows[row];
  return t('planner.seat', { name, row: at.label, seat: printedNumber(at, seat), kind: t(`kind.${kindOf(at, seat)}`) });
}

/** Selects, and says what is selected. */
export function selectAndSay(model, selection) {
  model.select(selection);
  say(selectionName(model));
}

export function undo(model) {
  model.undo();
  say(t('planner.undone'));
}

export function redo(model) {
  model.redo();
  say(t('planner.redone'));
}

/** Whether there is something that can be moved, turned, duplicated or removed. */
export const isSections = ({ selection }) => selection.what === 'sections';
export const hasRange = ({ selection }) => selection.what === 'rows' || selection.what === 'seats';

export function move(model, dx, dy, merge = 'move') {
  const { plan, selection } = model;
  const { x, y } = plan.stage;
  if (isSections(model)) model.change(moveSections(plan, selection.sections, dx, dy), { merge });
  else if (selection.what === 'stage') model.change(editStage(plan, { x: rounded(x + dx), y: rounded(y + dy) }), { merge });
}

export function turn(model, degrees, merge = 'turn') {
  if (isSections(model)) model.change(turnSections(model.plan, model.selection.sections, degrees), { merge });
}

/** Adds copies of the selected sections as `make` makes them, and selects these. */
function copySections(model, make) {
  const { plan, selection } = model;
  const sections = selection.sections.map((_, index) => plan.sections.length + index);
  model.change(make(plan, selection.sections), { selection: { what: 'sections', sections } });
}

/** Copies the selected sections to the other side of the stage. */
export function mirror(model) {
  if (!isSections(model)) return;
  copySections(model, mirrorSections);
  say(t('planner.duplicated', { name: selectionName(model) }));
}

export function duplicate(model) {
  const { plan, range } = model;
  if (isSections(model)) copySections(model, duplicateSections);
  else if (hasRange(model)) {
    const { section, row, rowTo } = range;
    const copies = { what: 'rows', section, row: rowTo + 1, rowTo: rowTo + 1 + rowTo - row };
    model.change(duplicateRows(plan, section, row, rowTo), { selection: copies });
  } else return;
  say(t('planner.duplicated', { name: selectionName(model) }));
}

/** Takes out the selected sections or rows; of selected seats, their positions become empty. */
export function removeSelected(model) {
  const { plan, selection, range } = model;
  const name = selectionName(model);
  const { section, row, rowTo } = range;
  if (selection.what === 'seats') {
    mark(model, { kind: 'ABSENT' });
    return;
  }
  if (isSections(model)) model.change(removeSections(plan, selection.sections), { selection: NOTHING });
  else if (selection.what !== 'rows') return;
  else if (rowTo - row + 1 === plan.sections[section].rows.length) model.change(removeSections(plan, [section]), { selection: NOTHING });
  else model.change(removeRows(plan, section, row, rowTo), { selection: { what: 'sections', sections: [section] } });
  say(t('planner.removed', { name }));
}

/** The positions of the selected rows or seats. */
function markedRange({ plan, selection, range }) {
  if (selection.what === 'seats') return range;
  const rows = plan.sections[range.section].rows.slice(range.row, range.rowTo + 1);
  return { ...range, seat: 1, seatTo: Math.max(...rows.map(({ seats }) => seats)) };
}

/** Gives the selected seats, or those of the selected rows, a kind or a zone. */
export function mark(model, edit) {
  if (!hasRange(model)) return;
  model.change(markSeats(model.plan, markedRange(model), edit));
  const { row, rowTo, seat, seatTo } = model.range;
  const isOne = model.selection.what === 'seats' && row === rowTo && seat === seatTo;
  if (edit.kind) say(isOne ? selectionName(model) : t('planner.marked', { kind: t(`kind.${edit.kind}`), name: selectionName(model) }));
}

/** An aisle after the last of the selected seats, in all rows of the section; or none any more, if all have it. */
export function switchAisle(model) {
  if (model.selection.what !== 'seats') return;
  const { section, row, rowTo, seatTo } = model.range;
  const isOne = row === rowTo;
  const rows = model.plan.sections[section].rows.length;
  model.change(toggleAisle(model.plan, section, isOne ? 0 : row, isOne ? rows - 1 : rowTo, seatTo));
  say(t('planner.aisled', { seat: seatTo }));
}

/** The selection one level up: of seats their section, of that the whole plan. */
function outer({ selection, section }) {
  return hasRange({ selection }) ? { what: 'sections', sections: [section] } : NOTHING;
}

/** The selection of a section after, or before, the current one. */
function nextSection(model, step) {
  const { length } = model.plan.sections;
  if (!length) return NOTHING;
  const from = model.section ?? (step > 0 ? -1 : 0);
  return { what: 'sections', sections: [(from + step + length) % length] };
}

/** The seats after the current one in a direction; with `extend` the selection reaches there. */
function nextSeat({ plan, selection }, [dx, dy], extend) {
  const { section, row, seat, rowTo, seatTo } = selection;
  const { rows } = plan.sections[section];
  const toRow = Math.min(Math.max(rowTo + dy, 0), rows.length - 1);
  const toSeat = dy ? nearestSeat(plan.sections[section], rowTo, seatTo, toRow) : Math.min(Math.max(seatTo + dx, 1), rows[toRow].seats);
  return extend ? { what: 'seats', section, row, seat, rowTo: toRow, seatTo: toSeat } : { what: 'seats', section, row: toRow, seat: toSeat, rowTo: toRow, seatTo: toSeat };
}

/** The position of a row that is nearest to a seat of another one. */
function nearestSeat(section, row, seat, toRow) {
  const rows = seatsOf(section);
  const { x } = rows[row].seats[seat - 1];
  const distances = rows[toRow].seats.map((own) => Math.abs(own.x - x));
  return distances.indexOf(Math.min(...distances)) + 1;
}

export const firstSeat = (section) => ({ what: 'seats', section, row: 0, seat: 1, rowTo: 0, seatTo: 1 });

/** The commands of keys with Ctrl or Cmd. */
function withControl(model, key, shiftKey) {
  if (key === 'z') return () => (shiftKey ? redo(model) : undo(model));
  return { y: () => redo(model), d: () => (shiftKey ? mirror(model) : duplicate(model)) }[key];
}

/** The commands of keys that mean the same in the drawing and in the tree. */
export function commandOf(model, event) {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  const letter = key.length === 1 ? key.toLowerCase() : key;
  if (ctrlKey || metaKey) return withControl(model, letter, shiftKey);
  if (key === 'Delete' || key === 'Backspace') return () => removeSelected(model);
  if (altKey) {
    const arrow = ARROWS[key];
    const step = shiftKey ? FINE_STEP : STEP;
    return arrow && (() => move(model, arrow[0] * step, arrow[1] * step));
  }
  if (hasRange(model) && KIND_KEYS[letter]) return () => mark(model, { kind: KIND_KEYS[letter] });
  if (letter === 'i' && model.selection.what === 'seats') return () => switchAisle(model);
  return { '[': () => turn(model, -TURN), ']': () => turn(model, TURN) }[key];
}

/** The commands of keys in the drawing, where arrows move what is selected. */
export function drawingCommandOf(model, event) {
  const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
  const { what } = model.selection;
  const isPlain = !ctrlKey && !metaKey && !altKey;
  const arrow = isPlain && ARROWS[key];
  if (arrow && what === 'seats') return () => selectAndSay(model, nextSeat(model, arrow, shiftKey));
  if (arrow) {
    const step = shiftKey ? FINE_STEP : STEP;
    return () => move(model, arrow[0] * step, arrow[1] * step);
  }
  const section = model.plan.sections[model.section];
  const own = {
    PageDown: () => selectAndSay(model, nextSection(model, 1)),
    PageUp: () => selectAndSay(model, nextSection(model, -1)),
    Escape: () => selectAndSay(model, outer(model)),
    Enter: section?.rows && what !== 'seats' && (() => selectAndSay(model, firstSeat(model.section))),
    ' ': what === 'seats' && model.brush && (() => mark(model, { kind: model.brush })),
  };
  return (isPlain && own[key]) || commandOf(model, event);
}

/** The room of what is selected, in the plan; nothing if that is the whole plan. */
export function selectedArea({ plan, selection, section }) {
  if (selection.what === 'sections') return boundsOf(selection.sections.flatMap((index) => outlineOf(plan.sections[index])));
  return section === undefined ? undefined : boundsOf(outlineOf(plan.sections[section]));
}
