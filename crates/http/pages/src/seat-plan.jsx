// The seat map as a part of a page: the drawing, a grid for the keyboard and screen readers, and what leads around it.

import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { number, points } from './format.js';
import { Icon } from './icons.jsx';
import { SeatLayout } from './seat-layout.js';
import { COLOURS, SeatMap } from './seat-map.js';
import { describe } from './seats-model.js';
import { language, t } from './text.js';
import { colourOf } from './theme.js';

/** The width of the small map, in pixels. */
const MINI = 96;
/** How many seats of a row are in the grid on each side of the current one. */
const NEIGHBOURS = 60;

/** What the keys of the grid do: to the next seat, row or section, or to a view. */
function keyOf(event, map, layout, current) {
  const row = layout.rows.get(current.row);
  const steps = {
    ArrowLeft: () => layout.next(current, 0, -1),
    ArrowRight: () => layout.next(current, 0, 1),
    ArrowUp: () => layout.next(current, -1, 0),
    ArrowDown: () => layout.next(current, 1, 0),
    PageUp: () => layout.nextSection(current, -1),
    PageDown: () => layout.nextSection(current, 1),
    Home: () => row.seats[0],
    End: () => row.seats.at(-1),
  };
  const views = { '+': () => map.zoom(1.5, layout.corner(current)), '-': () => map.zoom(1 / 1.5), 0: () => map.whole() };
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  return steps[event.key] ?? views[event.key === '=' ? '+' : event.key];
}

/** A grid of the current row: rows of sections, seats of rows. Each seat is a button; one of them takes the focus. */
function SeatGrid({ map, layout, current, setCurrent, stateOf, pick, point, label }) {
  const focus = useRef();
  const isMoving = useRef(false);
  const row = layout.rows.get(current.row);
  const rowName = t(row.section.label ? 'row.labelled' : 'row.plain', { label: row.section.label, row: row.number });
  const index = row.seats.indexOf(current);
  const near = row.seats.slice(Math.max(index - NEIGHBOURS, 0), index + NEIGHBOURS + 1);
  const place = map.element && map.placeOf(current);
  useLayoutEffect(() => {
    if (isMoving.current) focus.current.focus({ preventScroll: true });
    isMoving.current = false;
  }, [current]);
  const press = (event) => {
    const act = keyOf(event, map, layout, current);
    if (!act) return;
    event.preventDefault();
    const seat = act();
    if (!seat) return;
    isMoving.current = true;
    setCurrent(seat);
    point(seat);
    map.reveal(seat);
  };
  const style = place && { left: `${place.left}px`, top: `${place.top}px`, width: `${place.size}px`, height: `${place.size}px` };
  const rowIndex = row.section.rows.indexOf(row) + 1 + layout.sections.slice(0, layout.sections.indexOf(row.section)).reduce((sum, { rows }) => sum + rows.length, 0);
  return (
    <div
      role="grid" aria-label={label} aria-rowcount={layout.rows.size} aria-colcount={layout.columns} aria-describedby="seats-help"
      onKeyDown={press} onFocusIn={() => point(current)} onFocusOut={() => point(undefined)}
    >
      <div role="row" aria-rowindex={rowIndex} aria-label={rowName}>
        {near.map((seat) => {
          const isCurrent = seat === current;
          const state = stateOf(seat);
          return (
            <div key={seat.number} role="gridcell" aria-colindex={seat.column}>
              <button
                type="button" class={isCurrent ? 'cursor' : 'unseen'} style={isCurrent ? style : undefined} tabIndex={isCurrent ? 0 : -1}
                ref={isCurrent ? focus : undefined} aria-label={describe(seat, state)} aria-pressed={state === 'mine'} onClick={() => pick(seat)}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** The whole map in small, with a frame around what is in sight; a click pans to it. */
function MiniMap({ map, layout }) {
  const canvas = useRef();
  const { bounds } = layout;
  const scale = Math.min(MINI / bounds.w, 72 / bounds.h);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const ratio = canvas.current.width / (bounds.w * scale);
    context.setTransform(scale * ratio, 0, 0, scale * ratio, -bounds.x * scale * ratio, -bounds.y * scale * ratio);
    context.clearRect(bounds.x, bounds.y, bounds.w, bounds.h);
    context.fillStyle = colourOf(canvas.current, '--line-strong');
    context.fillRect(layout.middle - 40, 4, 80, 12);
    for (const { x, y, w, h } of layout.sections) context.fillRect(x, y, w, h);
    context.strokeStyle = colourOf(canvas.current, '--accent');
    context.lineWidth = 2 / scale;
    const { view } = map;
    context.strokeRect(view.x, view.y, view.w, view.h);
  });
  if (!map.isZoomed()) return null;
  const pan = (event) => {
    const { view } = map;
    const { left, top } = canvas.current.getBoundingClientRect();
    map.show({ ...view, x: bounds.x + (event.clientX - left) / scale - view.w / 2, y: bounds.y + (event.clientY - top) / scale - view.h / 2 });
  };
  const size = { width: `${bounds.w * scale}px`, height: `${bounds.h * scale}px` };
  return <canvas ref={canvas} class="mini" aria-hidden="true" width={bounds.w * scale * 2} height={bounds.h * scale * 2} style={size} onPointerDown={pan} />;
}

/** The section in sight and the way to the stage, wherever the map was panned to. */
function Where({ map, layout }) {
  if (!map.isZoomed()) return null;
  const { label } = layout.sectionAt(map.view.y + map.view.h / 2);
  const isStageAway = map.view.y > 16;
  if (!label && !isStageAway) return null;
  return <p class="where" aria-hidden="true">{[label, isStageAway && `↑ ${t('seats.stage')}`].filter(Boolean).join(' · ')}</p>;
}

const Tool = ({ name, icon, act }) => (
  <button type="button" class="iconic" aria-label={t(name)} title={t(name)} onClick={act}><Icon name={icon} /></button>
);

/** The way to each section: where it is, what it costs, how many seats are free. */
function Sections({ map, layout, stateOf, go }) {
  if (layout.sections.length < 2) return null;
  return (
    <ul class="sections" aria-label={t('seats.sections')}>
      {layout.sections.map((section, index) => {
        const prices = section.seats.map(({ price }) => price);
        const free = section.seats.filter((seat) => stateOf(seat) === 'free').length;
        const colour = Math.min(layout.prices.indexOf(prices[0]), COLOURS - 1);
        return (
          <li key={index}>
            <button type="button" onClick={() => { map.showSection(section); go(section.seats[0]); }}>
              <span class={`sample price-${colour}`} aria-hidden="true" />
              <strong>{section.label || t('seats.section', { n: index + 1 })}</strong>
              <span>{points(Math.min(...prices))}</span>
              <span class="quiet">{free ? t('seats.left', { n: number(free) }) : t('dates.soldOut')}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Legend({ layout, canChoose }) {
  const sample = (kind, text) => <li key={text}><span class={`sample ${kind}`} aria-hidden="true" />{text}</li>;
  return (
    <ul class="legend">
      {layout.prices.map((price, index) => sample(`price-${Math.min(index, COLOURS - 1)}`, `${t('seats.free')} · ${points(price)}`))}
      {canChoose && sample('mine', t('seats.mine'))}
      {sample('taken', t('seats.taken'))}
    </ul>
  );
}

/**
 * A map of `seats`. `subscribe(listener)` calls the listener with the numbers of seats that changed; `pick(seat)`
 * is called when one is chosen, and left out where none can be.
 */
export function SeatPlan({ seats, stateOf, subscribe, pick, label }) {
  const box = useRef();
  const [, update] = useReducer((count) => count + 1, 0);
  const [changes, change] = useReducer((count) => count + 1, 0);
  const [pointed, point] = useState();
  const layout = useMemo(() => new SeatLayout(seats), [seats]);
  const [current, setCurrent] = useState(seats[0]);
  const seat = layout.byNumber.get(current.number) === current ? current : layout.seats[0];
  const choose = (chosen) => {
    setCurrent(chosen);
    pick?.(chosen);
  };
  const latest = useRef();
  latest.current = choose;
  const map = useMemo(() => new SeatMap(layout, { stateOf, point, pick: (chosen) => latest.current(chosen), moved: update }), [layout]);
  useLayoutEffect(() => map.attach(box.current), [map]);
  useEffect(() => subscribe?.((numbers) => {
    map.repaint(numbers.map((changed) => layout.byNumber.get(changed)).filter(Boolean));
    change();
  }), [map]);
  // Counting the free seats of each section takes too long for each frame of a map that is panned.
  const sections = useMemo(() => <Sections map={map} layout={layout} stateOf={stateOf} go={setCurrent} />, [map, changes, language()]);
  return (
    <>
      {sections}
      <div class="map-frame">
        <div class="seat-map">
          <div key={map} ref={box} class="drawing" />
          <SeatGrid map={map} layout={layout} current={seat} setCurrent={setCurrent} stateOf={stateOf} pick={choose} point={point} label={label} />
          <p class="hint" aria-hidden="true">{pointed ? describe(pointed, stateOf(pointed)) : ''}</p>
        </div>
        <Where map={map} layout={layout} />
        <MiniMap map={map} layout={layout} />
        <div class="tools" role="group" aria-label={t('seats.map')}>
          <Tool name="seats.zoomIn" icon="plus" act={() => map.zoom(1.5)} />
          <Tool name="seats.zoomOut" icon="minus" act={() => map.zoom(1 / 1.5)} />
          <Tool name="seats.whole" icon="whole" act={() => map.whole()} />
        </div>
      </div>
      <Legend layout={layout} canChoose={Boolean(pick)} />
    </>
  );
}
