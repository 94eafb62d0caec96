// The seat map as a part of a page: the drawing, the grid for keyboards and screen readers, and what leads around it.

import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { number, points } from './format.js';
import { useModel } from './hooks.js';
import { Icon } from './icons.jsx';
import { Palette } from './palette.js';
import { SeatGrid } from './seat-grid.jsx';
import { SeatMap } from './seat-map.js';
import { describe } from './seat-words.js';
import { language, languages, t } from './text.js';
import { themes } from './theme.js';

/** The size of the small map, in pixels. */
const MINI = { w: 104, h: 80 };

/** The whole map in small, with a frame around what is in sight; a click pans to it. */
function MiniMap({ map, hall }) {
  const canvas = useRef();
  const { bounds } = hall;
  const scale = Math.min(MINI.w / bounds.w, MINI.h / bounds.h);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.setTransform(scale * 2, 0, 0, scale * 2, -bounds.x * scale * 2, -bounds.y * scale * 2);
    context.clearRect(bounds.x, bounds.y, bounds.w, bounds.h);
    context.fillStyle = map.palette.tokens['line-strong'];
    const { stage } = hall;
    context.fillRect(stage.x, stage.y, stage.width, stage.height);
    hall.sections.forEach(({ polygon, index }) => {
      context.beginPath();
      polygon.forEach(({ x, y }, at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.fillStyle = map.palette.sections[index].fill;
      context.globalAlpha = 0.6;
      context.fill();
    });
    context.globalAlpha = 1;
    context.strokeStyle = map.palette.tokens.ink;
    context.lineWidth = 2 / scale;
    const { x, y, w, h } = map.seen();
    context.strokeRect(x, y, w, h);
  });
  if (!map.isZoomed()) return null;
  const pan = (event) => {
    const { left, top } = canvas.current.getBoundingClientRect();
    map.show({ ...map.view, x: bounds.x + (event.clientX - left) / scale, y: bounds.y + (event.clientY - top) / scale });
  };
  const size = { width: `${bounds.w * scale}px`, height: `${bounds.h * scale}px` };
  return <canvas ref={canvas} class="mini" aria-hidden="true" width={bounds.w * scale * 2} height={bounds.h * scale * 2} style={size} onPointerDown={pan} onPointerMove={(event) => event.buttons && pan(event)} />;
}

/** The section in sight and the way to the stage, wherever the map was panned to. */
function Where({ map, hall }) {
  if (!map.isZoomed()) return null;
  const section = hall.sectionAt(map.view, 2);
  const { stage } = hall;
  const { y, h } = map.seen();
  const away = stage.y + stage.height < y ? '↑' : stage.y > y + h ? '↓' : undefined;
  if (!section?.name && !away) return null;
  return <p class="where" aria-hidden="true">{[section?.name, away && `${away} ${t('seats.stage')}`].filter(Boolean).join(' · ')}</p>;
}

const Tool = ({ name, icon, act }) => (
  <button type="button" class="iconic" aria-label={t(name)} title={t(name)} onClick={act}><Icon name={icon} /></button>
);

/** The name of a section: sections of blocks may have none. */
const sectionName = (section) => section.name || t('seats.section', { n: section.index + 1 });

/** The way to each section: where it is, what it costs, how many seats are free. */
function Sections({ hall, palette, free, isFiltered, current, go }) {
  if (hall.sections.length < 2) return null;
  return (
    <ul class="sections" aria-label={t('seats.sections')}>
      {hall.sections.map((section) => {
        const left = free(section);
        return (
          <li key={section.index}>
            <button type="button" aria-current={section === current ? 'true' : undefined} onClick={() => go(section)}>
              <span class="sample" style={{ background: palette.sections[section.index].fill }} aria-hidden="true" />
              <strong>{sectionName(section)}</strong>
              <span>{points(section.price)}</span>
              <span class="quiet">{left || isFiltered ? t('seats.left', { n: number(left) }) : t('dates.soldOut')}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** The legend of colours and shapes. A zone whose name is its price is not named twice. */
function Legend({ hall, palette, canChoose, showsBlocked }) {
  const sample = (kind, text, style) => <li key={text}><span class={`sample ${kind}`} style={style} aria-hidden="true" />{text}</li>;
  return (
    <ul class="legend">
      {hall.zones.map(({ code, name, price }) => sample(
        'zone', name === String(price) ? `${t('seats.free')} · ${points(price)}` : `${name} · ${points(price)}`, { background: palette.zones.get(code).fill },
      ))}
      {['ACCESSIBLE', 'COMPANION', 'RESTRICTED_VIEW'].filter((kind) => hall.kinds.has(kind)).map((kind) => sample(`kind ${kind.toLowerCase()}`, t(`seats.kind.${kind}`)))}
      {canChoose && sample('mine', t('seats.mine'))}
      {sample('taken', t('seats.taken'))}
      {showsBlocked && sample('blocked', t('seats.blocked'))}
    </ul>
  );
}

/** Shows accessible seats alone, where the hall has some. */
const AccessibleOnly = ({ free, isOn, toggle }) => (
  <button type="button" class="filter" aria-pressed={isOn} onClick={toggle}><Icon name="accessible" />{t('seats.accessibleOnly', { n: number(free) })}</button>
);

/** Colours of the page's theme, read anew when it changes. */
function usePalette(hall, map) {
  const [version, restyled] = useReducer((count) => count + 1, 0);
  const palette = useMemo(() => new Palette(hall), [hall, version]);
  useLayoutEffect(() => {
    const restyle = () => { restyled(); map.restyle(); };
    const stop = [themes.subscribe(restyle), languages.subscribe(() => map.repaint())];
    return () => stop.forEach((end) => end());
  }, [map]);
  return palette;
}

/** The map of a hall, whose drawing asks for what is known last. */
function useMap(hall, latest) {
  return useMemo(() => new SeatMap(hall, {
    stateOf: (seat) => latest.current.stateOf(seat),
    fits: (seat) => latest.current.fits(seat),
    free: (section) => latest.current.free(section),
    nameOf: (section) => ({ name: section.name, below: t('seats.left', { n: number(latest.current.free(section)) }) }),
    pick: (seat) => latest.current.choose(seat),
    enter: (section, around) => latest.current.enter(section, around),
    point: (seat) => latest.current.point(seat),
    moved: () => latest.current.update(),
  }), [hall]);
}

const all = () => true;

/** Puts the button of the current seat over its seat on the map, until the function that this answers is called. */
function mark(button, { left, top, size }) {
  if (!button) return undefined;
  Object.assign(button.style, { left: `${left}px`, top: `${top}px`, width: `${size}px`, height: `${size}px` });
  return () => button.removeAttribute('style');
}

/**
 * A map of `hall`. `stateOf(number)` is the state of a place, `states` those of all, if they are known. `subscribe(listener)`
 * calls the listener when some changed; `pick(seat)` is called when a seat is chosen, `enter(section)` when a standing area
 * is; both are left out where nothing can be chosen. `showsBlocked` explains the sign of blocked seats.
 */
export function SeatPlan({ hall, states, stateOf, subscribe, pick, enter, label, showsBlocked = false }) {
  const box = useRef();
  const latest = useRef({});
  const [, update] = useReducer((count) => count + 1, 0);
  const [changes, change] = useReducer((count) => count + 1, 0);
  const [pointed, point] = useState();
  const [isFiltered, setFiltered] = useState(false);
  const [place, setCurrent] = useState({ seat: hall.seat(1), opened: false });
  const current = place.seat.of === hall.sections[place.seat.of.index] ? place.seat : hall.seat(1);
  const fits = isFiltered ? (seat) => hall.isAccessible(seat) : all;
  const free = (section) => states?.free(section.first, section.last, isFiltered ? fits : undefined) ?? section.count;
  const show = (section, around) => {
    map.entered = section;
    map.showSection(section, around);
    const start = hall.startOf(section, fits);
    if (start) setCurrent({ seat: start, opened: true });
    if (section.standing) enter?.(section);
  };
  const choose = (seat) => {
    setCurrent({ seat, opened: place.opened });
    if (seat.of.standing) enter?.(seat.of);
    else pick?.(seat);
  };
  latest.current = { stateOf, fits, free, choose, enter: show, point, update };
  const map = useMap(hall, latest);
  const palette = usePalette(hall, map);
  useModel(languages);
  useLayoutEffect(() => map.attach(box.current), [map]);
  useEffect(() => subscribe?.(() => { map.repaint(); change(); }), [map]);
  useEffect(() => map.repaint(), [isFiltered]);
  const cursor = useRef();
  useLayoutEffect(() => mark(cursor.current, map.placeOf(current)));
  // Sections and rows with their free seats take too long for each frame of a map that is panned.
  const shown = [map, changes, isFiltered, place, language()];
  const grid = useMemo(() => (
    <SeatGrid
      map={map} hall={hall} current={current} opened={place.opened} setCurrent={(seat) => setCurrent({ seat, opened: true })} stateOf={stateOf} free={free}
      isFree={(seat) => stateOf(seat) === 'free'} fits={fits} pick={(seat) => latest.current.choose(seat)} point={point} label={label} cursor={cursor}
    />
  ), shown);
  const sections = useMemo(() => <Sections hall={hall} palette={palette} free={free} isFiltered={isFiltered} current={place.opened ? current.of : undefined} go={show} />, [palette, ...shown]);
  const accessible = useMemo(() => hall.hasAccessible && states?.free(1, hall.count, (seat) => hall.isAccessible(seat)), shown);
  const filter = () => {
    setFiltered(!isFiltered);
    const [start] = isFiltered ? [] : hall.sections.map((section) => hall.startOf(section, (seat) => hall.isAccessible(seat))).filter(Boolean);
    if (start) setCurrent({ seat: start, opened: place.opened });
  };
  return (
    <>
      {sections}
      <div class="map-frame">
        <div class="seat-map">
          <div key={map} ref={box} class="drawing" />
          {grid}
          <p class="hint" aria-hidden="true">{pointed ? describe(pointed, stateOf(pointed.number)) : ''}</p>
        </div>
        <Where map={map} hall={hall} />
        <MiniMap map={map} hall={hall} />
        <div class="tools" role="group" aria-label={t('seats.map')}>
          {hall.hasAccessible && <AccessibleOnly free={accessible ?? 0} isOn={isFiltered} toggle={filter} />}
          <Tool name="seats.zoomIn" icon="plus" act={() => map.zoom(1.5)} />
          <Tool name="seats.zoomOut" icon="minus" act={() => map.zoom(1 / 1.5)} />
          <Tool name="seats.whole" icon="whole" act={() => map.showWhole()} />
        </div>
      </div>
      <Legend hall={hall} palette={palette} canChoose={Boolean(pick)} showsBlocked={showsBlocked} />
    </>
  );
}
