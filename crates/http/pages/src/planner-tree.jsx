// The plan as a tree of sections, rows and seats, with the same commands as the drawing. Only what is open has elements.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { number } from './format.js';
import { countsOfSection } from './plan-counts.js';
import { commandOf, kindOf, printedNumber } from './planner-commands.js';
import { t } from './text.js';

/** A selection that is the same place in the tree as an item. */
const isAt = ({ selection: { what, section, sections, row, rowTo, seat, seatTo } }, item) => {
  if (item.what === 'seats') return what === 'seats' && section === item.section && rowTo === item.row && seatTo === item.seat;
  if (item.what === 'rows') return what === 'rows' && section === item.section && rowTo === item.row;
  return item.what === 'sections' ? what === 'sections' && sections.at(-1) === item.section : what === item.what;
};

const isBetween = (value, one, other) => value >= Math.min(one, other) && value <= Math.max(one, other);

/** Whether an item is selected, alone or with others. */
function isSelected({ selection: { what, section, sections, row, rowTo, seat, seatTo } }, item) {
  if (what !== item.what) return false;
  if (what === 'sections') return sections.includes(item.section);
  if (what === 'plan' || what === 'stage') return true;
  if (section !== item.section || !isBetween(item.row, row, rowTo)) return false;
  return what === 'rows' || isBetween(item.seat, seat, seatTo);
}

/** The selection of an item; with `extend`, from what is selected now to it. */
function selectionOf({ selection }, { what, section, row, seat }, extend) {
  const isSame = extend && selection.what === what && selection.section === section;
  if (what === 'rows') return { what, section, row: isSame ? selection.row : row, rowTo: row };
  if (what === 'seats') return { what, section, row: isSame ? selection.row : row, seat: isSame ? selection.seat : seat, rowTo: row, seatTo: seat };
  return what === 'sections' ? { what, sections: [section] } : { what };
}

const keyOf = ({ what, section, row, seat }) => [what, section, row, seat].filter((part) => part !== undefined).join(' ');
const parentOf = ({ what, section, row }) => ({ seats: { what: 'rows', section, row }, rows: { what: 'sections', section }, sections: { what: 'plan' }, stage: { what: 'plan' } })[what];

/** The items that are shown, in their order: those within others only while these are open. */
function itemsOf({ plan }, open) {
  const items = [
    { what: 'plan', level: 1, name: t('planner.all'), opens: false, at: 1, of: 1 },
    { what: 'stage', level: 2, name: t('planner.stage'), hint: plan.stage.label, opens: false, at: 1, of: plan.sections.length + 1 },
  ];
  plan.sections.forEach((section, index) => {
    const { total } = countsOfSection(section);
    const item = { what: 'sections', section: index, level: 2, name: section.name, hint: t('planner.places', { n: number(total) }), opens: Boolean(section.rows) };
    items.push({ ...item, at: index + 2, of: plan.sections.length + 1 });
    if (section.rows && open.has(keyOf(item))) section.rows.forEach((row, at) => addRow(items, section, index, row, at, open));
  });
  return items;
}

function addRow(items, section, index, row, at, open) {
  const item = { what: 'rows', section: index, row: at, level: 3, name: t('planner.rowName', { row: row.label }), hint: t('planner.places', { n: number(row.seats) }), opens: true };
  items.push({ ...item, at: at + 1, of: section.rows.length });
  if (!open.has(keyOf(item))) return;
  for (let seat = 1; seat <= row.seats; seat += 1) {
    const kind = kindOf(row, seat);
    items.push({
      what: 'seats', section: index, row: at, seat, level: 4, name: String(printedNumber(row, seat)), hint: kind === 'SEAT' ? '' : t(`kind.${kind}`), opens: false, at: seat, of: row.seats,
    });
  }
}

const Item = ({ model, item, isOpen, isCurrent, choose, toggle, focus }) => (
  <li
    role="treeitem" class={`level-${item.level}`} aria-level={item.level} aria-posinset={item.at} aria-setsize={item.of} tabIndex={isCurrent ? 0 : -1}
    aria-selected={isSelected(model, item)} aria-expanded={item.opens ? isOpen : undefined} ref={isCurrent ? focus : undefined} onClick={(event) => choose(item, event)}
  >
    {item.what === 'sections' && !item.opens && <span class="twist" />}
    {item.opens && <span class="twist" aria-hidden="true" onClick={(event) => { event.stopPropagation(); toggle(item); }}>{isOpen ? '▾' : '▸'}</span>}
    <span>{item.name}</span>{item.hint && <small>{item.hint}</small>}
  </li>
);

/** The item to go to from another one by a key; nothing if the key does something else. */
function stepOf(items, index, key, isOpen) {
  const item = items[index];
  const parent = parentOf(item);
  const up = parent && items.findIndex((other) => keyOf(other) === keyOf(parent));
  return {
    ArrowDown: items[index + 1], ArrowUp: items[index - 1], Home: items[0], End: items.at(-1),
    ArrowRight: item.opens && isOpen ? items[index + 1] : undefined,
    ArrowLeft: !isOpen && up >= 0 ? items[up] : undefined,
  }[key];
}

/** Scrolls a list as little as is needed for an item to be seen. */
function scrollTo(list, item) {
  if (!item) return;
  const { offsetTop, offsetHeight } = item;
  list.scrollTop = Math.min(Math.max(list.scrollTop, offsetTop + offsetHeight - list.clientHeight), offsetTop);
}

/** `enter` brings the keyboard to the fields of what is selected. */
export function PlanTree({ model, enter }) {
  const [open, setOpen] = useState(() => new Set());
  const current = useRef();
  const tree = useRef();
  const items = itemsOf(model, open);
  // A selected seat may be in a section that is not open: the section is marked then.
  const at = items.findIndex((item) => isAt(model, item));
  const section = items.findIndex((item) => item.what === 'sections' && item.section === model.section);
  const index = Math.max(at, at < 0 ? section : 0, 0);
  // The item that has the keyboard may be gone after this.
  const hasKeyboard = tree.current?.contains(document.activeElement);
  useLayoutEffect(() => { if (hasKeyboard) current.current?.focus({ preventScroll: true }); });
  useLayoutEffect(() => scrollTo(tree.current, current.current), [model.selection]);
  const toggle = (item) => {
    const next = new Set(open);
    if (!next.delete(keyOf(item))) next.add(keyOf(item));
    setOpen(next);
  };
  const choose = (item, { shiftKey, ctrlKey, metaKey }) => {
    if (item.what === 'sections' && (ctrlKey || metaKey)) model.toggleSection(item.section);
    else model.select(selectionOf(model, item, shiftKey));
  };
  const keyDown = (event) => {
    const item = items[index];
    const isOpen = open.has(keyOf(item));
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const step = isPlain && stepOf(items, index, event.key, isOpen);
    const opens = isPlain && item.opens && event.key === (isOpen ? 'ArrowLeft' : 'ArrowRight') && !step;
    const command = step ? () => choose(step, event)
      : opens ? () => toggle(item)
        : isPlain && event.key === 'Enter' ? enter
          : commandOf(model, event);
    if (!command) return;
    event.preventDefault();
    command();
  };
  return (
    <ul ref={tree} class="plan-tree" role="tree" aria-label={t('planner.tree')} aria-multiselectable="true" onKeyDown={keyDown}>
      {items.map((item, position) => (
        <Item
          key={keyOf(item)} model={model} item={item} isOpen={open.has(keyOf(item))} isCurrent={position === index} choose={choose} toggle={toggle} focus={current}
        />
      ))}
    </ul>
  );
}
