// The seats for keyboards and screen readers: sections of rows, rows of seats, built where the user is.

import { useLayoutEffect, useRef } from 'preact/hooks';
import { number, points } from './format.js';
import { describe, rowName } from './seat-words.js';
import { t } from './text.js';

/** The number of seats of a row in the grid on each side of the current one. */
const NEIGHBOURS = 30;
/** Sections of up to this number of rows have all their rows in the grid from the start; the others when they are opened. */
const ROWS_FEW = 40;

/** The actions of the keys of the grid: to the next seat, row or section, or to a view. */
function keyOf(event, { map, hall, current, fits }) {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const edge = (numbers) => numbers.find(fits);
  const row = current.row && Array.from({ length: current.row.last - current.row.first + 1 }, (_, index) => current.row.first + index);
  const steps = {
    ArrowLeft: () => hall.next(current, { right: -1 }, fits),
    ArrowRight: () => hall.next(current, { right: 1 }, fits),
    ArrowUp: () => hall.next(current, { down: -1 }, fits),
    ArrowDown: () => hall.next(current, { down: 1 }, fits),
    PageUp: () => hall.nextSection(current, -1, fits),
    PageDown: () => hall.nextSection(current, 1, fits),
    Home: () => row && hall.seat(edge(row)),
    End: () => row && hall.seat(edge(row.reverse())),
  };
  const views = { '+': () => map.zoom(1.5, hall.pointOf(current)), '-': () => map.zoom(1 / 1.5), 0: () => map.showWhole() };
  return steps[event.key] ?? views[event.key === '=' ? '+' : event.key];
}

/** A row: its name, and its seats near the current one if it is the current row. */
function Row({ section, row, index, props }) {
  const { current, setCurrent, isFree, fits, hall } = props;
  const isCurrent = row === current.row;
  const free = Array.from({ length: row.last - row.first + 1 }, (_, at) => row.first + at).filter((seat) => isFree(seat) && fits(seat)).length;
  const from = Math.max(row.first, current.number - NEIGHBOURS);
  const near = isCurrent ? Array.from({ length: Math.min(row.last, current.number + NEIGHBOURS) - from + 1 }, (_, at) => hall.seat(from + at)) : [];
  const name = rowName(section, row);
  return (
    <div role="row" aria-rowindex={index} aria-label={name}>
      <div role="rowheader">
        <button type="button" class="unseen" tabIndex={-1} onClick={() => setCurrent(hall.startOf({ ...section, rows: [row] }, fits) ?? hall.seat(row.first))}>
          {name}, {t('seats.left', { n: number(free) })}
        </button>
      </div>
      {near.filter((seat) => fits(seat.number) || seat === current).map((seat) => <Cell key={seat.number} seat={seat} column={seat.column + 1} props={props} />)}
    </div>
  );
}

/** A seat, or the places of a standing area: a button. The current one takes the focus, and is marked on the map. */
function Cell({ seat, column, name, props: { current, setCurrent, stateOf, pick, cursor } }) {
  const isCurrent = seat === current;
  const state = stateOf(seat.number);
  return (
    <div role="gridcell" aria-colindex={column}>
      <button
        type="button" class={isCurrent ? 'cursor' : 'unseen'} tabIndex={isCurrent ? 0 : -1} ref={isCurrent ? cursor : undefined}
        aria-label={name ?? describe(seat, state)} aria-pressed={name ? undefined : state === 'mine'}
        onFocus={() => !isCurrent && setCurrent(seat)} onClick={() => pick(seat)}
      />
    </div>
  );
}

/** A standing area is a row of one cell. */
function StandingRow({ section, index, props: { hall, free, ...props } }) {
  const text = t('seats.standingHow', { name: section.name, price: points(section.price), left: t('seats.left', { n: number(free(section)) }) });
  return (
    <div role="row" aria-rowindex={index} aria-label={section.name}>
      <Cell seat={hall.seat(section.first)} column={1} name={text} props={props} />
    </div>
  );
}

/**
 * The current section as a group of rows. Arrow keys move from seat to seat and from row to row, Page Up and Page Down from
 * section to section. `opened` says that the section was chosen; `cursor` gets the button of the current seat.
 */
export function SeatGrid(props) {
  const { map, hall, current, setCurrent, point, label, opened, cursor } = props;
  const isMoving = useRef(false);
  useLayoutEffect(() => {
    if (isMoving.current) cursor.current?.focus({ preventScroll: true });
    isMoving.current = false;
  }, [current]);
  const press = (event) => {
    const act = keyOf(event, props);
    if (!act) return;
    event.preventDefault();
    const seat = act();
    if (!seat) return;
    isMoving.current = true;
    setCurrent(seat);
    point(seat);
    map.reveal(seat);
  };
  const section = current.of;
  const rowsBefore = hall.sections.slice(0, section.index).reduce((sum, { rows }) => sum + Math.max(rows.length, 1), 0);
  const inner = { ...props, setCurrent: (seat) => { isMoving.current = true; setCurrent(seat); } };
  const rows = opened || section.rows.length <= ROWS_FEW ? section.rows : [current.row];
  return (
    <div
      role="grid" aria-label={label} aria-rowcount={hall.rowCount} aria-colcount={hall.columns + 1} aria-describedby="seats-help"
      onKeyDown={press} onFocusIn={() => point(current)} onFocusOut={() => point(undefined)}
    >
      <div role="rowgroup" aria-label={section.name || undefined}>
        {section.standing
          ? <StandingRow section={section} index={rowsBefore + 1} props={inner} />
          : rows.map((row) => <Row key={row.index} section={section} row={row} index={rowsBefore + section.rows.indexOf(row) + 1} props={inner} />)}
      </div>
    </div>
  );
}
