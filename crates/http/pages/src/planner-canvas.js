// The drawing of a seat plan that is edited: what is seen of it, and the pointer on it.

import { areaOf, extentOf, outlineOf, seatsOf } from './planner-edit.js';
import { boundsOf, turnOf } from './plan-geometry.js';
import { mark, move, selectAndSay, selectionName, turn } from './planner-commands.js';
import { DRAG, NOTHING } from './planner-model.js';
import { paintPlan } from './planner-paint.js';
import { say } from './ui.jsx';

/** Room around the plan, in units. */
const MARGIN = 2;
/** The most pixels of one unit. */
const SCALE_MAX = 60;
/** The greatest distance between the pointer and a seat that it points at, as a part of the distance of two seats. */
const NEAR = 0.5;
/** The radius of the handle that turns a section, in pixels, and its distance from the section. */
const HANDLE = 14;
const HANDLE_AWAY = 26;
/** The grid that a dragged section snaps to, in units, and that of a turned one, in degrees. */
const SNAP = 0.5;
const SNAP_DEGREES = 5;
/** A pointer that moved less than this, in pixels, has clicked. */
const CLICK = 4;

const snapped = (value, to) => Math.round(value / to) * to;
const degreesAt = (middle, point) => (Math.atan2(point.y - middle.y, point.x - middle.x) * 180) / Math.PI;

export class PlanCanvas {
  constructor(model) {
    this.model = model;
    this.pointers = new Map();
  }

  /** Shows the drawing in a canvas, until the function that this answers is called. */
  attach(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d');
    const gone = new AbortController();
    const { signal } = gone;
    const listen = (type, work, options) => canvas.addEventListener(type, work, { signal, ...options });
    listen('pointerdown', (event) => this.down(event));
    listen('pointermove', (event) => this.moved(event));
    listen('pointerup', (event) => this.up(event));
    listen('pointercancel', (event) => this.up(event));
    listen('wheel', (event) => this.wheel(event), { passive: false });
    const resized = new ResizeObserver(() => this.resize());
    resized.observe(canvas);
    const unsubscribe = this.model.subscribe(() => this.paintSoon());
    this.resize();
    return () => {
      gone.abort();
      resized.disconnect();
      unsubscribe();
      this.canvas = undefined;
    };
  }

  resize() {
    const { clientWidth, clientHeight } = this.canvas;
    const ratio = devicePixelRatio;
    Object.assign(this.canvas, { width: clientWidth * ratio, height: clientHeight * ratio });
    if (!this.view && clientWidth) this.whole();
    this.paintSoon();
  }

  paintSoon() {
    if (this.painting) return;
    this.painting = true;
    requestAnimationFrame(() => {
      this.painting = false;
      if (this.canvas && this.view) paintPlan(this);
    });
  }

  // The view: the point of the plan in the upper left corner, and how many pixels a unit has.

  /** Shows a part of the plan as large as it fits. */
  show({ x, y, w, h }, most = SCALE_MAX) {
    const { clientWidth, clientHeight } = this.canvas;
    const scale = Math.min(clientWidth / (w + 2 * MARGIN), clientHeight / (h + 2 * MARGIN), most);
    this.view = { scale, x: x + w / 2 - clientWidth / scale / 2, y: y + h / 2 - clientHeight / scale / 2 };
    this.paintSoon();
  }

  whole() { this.show(extentOf(this.model.plan)); }

  /** Zooms by a factor around a point of the plan. */
  zoom(factor, point = this.pointAt(this.canvas.clientWidth / 2, this.canvas.clientHeight / 2)) {
    const { scale, x, y } = this.view;
    const next = Math.min(Math.max(scale * factor, 0.02), SCALE_MAX);
    this.view = { scale: next, x: point.x - ((point.x - x) * scale) / next, y: point.y - ((point.y - y) * scale) / next };
    this.paintSoon();
  }

  /** Pans as little as is needed for a part of the plan to be seen. */
  reveal({ x, y, w, h }) {
    const { scale, x: left, y: top } = this.view;
    const [width, height] = [this.canvas.clientWidth / scale, this.canvas.clientHeight / scale];
    const along = (low, size, from, room) => (size + 2 > room ? low - 1 : Math.max(Math.min(from, low - 1), low + size + 1 - room));
    this.view = { scale, x: along(x, w, left, width), y: along(y, h, top, height) };
    this.paintSoon();
  }

  pointAt(x, y) { return { x: this.view.x + x / this.view.scale, y: this.view.y + y / this.view.scale }; }

  pointOf({ offsetX, offsetY }) { return this.pointAt(offsetX, offsetY); }

  // The part of the plan at a point.

  /** The nearest seat of a section: its row and position. */
  seatOf(section, point) {
    const { x, y } = turnOf(section).into(point);
    let best;
    seatsOf(section).forEach(({ seats, bounds }, row) => {
      if (y < bounds.y - NEAR || y > bounds.y + bounds.h + NEAR || x < bounds.x - NEAR || x > bounds.x + bounds.w + NEAR) return;
      seats.forEach((seat, index) => {
        const away = Math.hypot(seat.x - x, seat.y - y);
        if (away <= NEAR * 1.2 && (!best || away < best.away)) best = { row, seat: index + 1, away };
      });
    });
    return best;
  }

  /** The section at a point; of several, the one that is drawn last. */
  sectionAt(point) {
    const isAt = (section) => {
      const { x, y } = turnOf(section).into(point);
      const area = areaOf(section);
      const around = section.standing ? 0 : 0.6;
      return x >= area.x - around && x <= area.x + area.w + around && y >= area.y - around && y <= area.y + area.h + around;
    };
    return this.model.plan.sections.findLastIndex(isAt);
  }

  seatAt(point) {
    const { sections } = this.model.plan;
    for (let index = sections.length - 1; index >= 0; index -= 1) {
      const found = sections[index].rows && this.seatOf(sections[index], point);
      if (found) return { section: index, row: found.row, seat: found.seat };
    }
    return undefined;
  }

  isStageAt({ x, y }) {
    const { stage } = this.model.plan;
    return x >= stage.x && x <= stage.x + stage.width && y >= stage.y && y <= stage.y + stage.height;
  }

  /** The position of the handle that turns the selected section, and the middle that the section turns around; nothing unless one section is selected. */
  handle() {
    const { selection, plan } = this.model;
    if (selection.what !== 'sections' || selection.sections.length !== 1) return undefined;
    const section = plan.sections[selection.sections[0]];
    const { x, y, w, h } = areaOf(section);
    const { out } = turnOf(section);
    const middle = out({ x: x + w / 2, y: y + h / 2 });
    return { middle, at: out({ x: x + w / 2, y: y - 0.6 - HANDLE_AWAY / this.view.scale }) };
  }

  isHandleAt(point) {
    const handle = this.handle();
    return handle && Math.hypot(handle.at.x - point.x, handle.at.y - point.y) * this.view.scale <= HANDLE;
  }

  // Pointers.

  down(event) {
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.pointers.size > 1) {
      this.drag = undefined;
      return;
    }
    const point = this.pointOf(event);
    this.drag = { start: point, last: point, travelled: 0, name: `${DRAG}${event.timeStamp}`, ...this.begin(point, event) };
  }

  /** The part of the plan that a pointer drags when it is pressed at a point. */
  begin(point, { button, ctrlKey, metaKey, shiftKey }) {
    const { model } = this;
    if (button === 1) return { kind: 'pan' };
    if (model.tool === 'seats') return this.beginSeats(point, shiftKey);
    if (this.isHandleAt(point)) return { kind: 'turn', turned: 0, from: degreesAt(this.handle().middle, point), middle: this.handle().middle };
    const section = this.sectionAt(point);
    if (section >= 0) {
      const { selection } = model;
      if (ctrlKey || metaKey || shiftKey) model.toggleSection(section);
      else if (selection.what !== 'sections' || !selection.sections.includes(section)) selectAndSay(model, { what: 'sections', sections: [section] });
      return { kind: 'move', moved: { x: 0, y: 0 } };
    }
    if (this.isStageAt(point)) {
      selectAndSay(model, { what: 'stage' });
      return { kind: 'move', moved: { x: 0, y: 0 } };
    }
    return { kind: 'pan', clears: true };
  }

  beginSeats(point, extend) {
    const { model } = this;
    const found = this.seatAt(point);
    if (!found) return { kind: 'pan', clears: true };
    const { section, row, seat } = found;
    const { selection } = model;
    if (extend && selection.what === 'seats' && selection.section === section) model.select({ ...selection, rowTo: row, seatTo: seat });
    else model.select({ what: 'seats', section, row, seat, rowTo: row, seatTo: seat });
    return { kind: 'seats', section };
  }

  moved(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) {
      this.hover(event);
      return;
    }
    const before = this.spread();
    const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
    Object.assign(last, { x: event.clientX, y: event.clientY });
    if (this.pointers.size > 1) {
      this.pan(dx / 2, dy / 2);
      this.zoom(this.spread() / before, this.pointOf(event));
      return;
    }
    if (!this.drag) return;
    this.drag.travelled += Math.abs(dx) + Math.abs(dy);
    if (this.drag.travelled < CLICK) return;
    if (this.drag.kind === 'pan') this.pan(dx, dy);
    else this.dragTo(this.pointOf(event), event.altKey);
  }

  /** The distance between two fingers. */
  spread() {
    const [one, other] = this.pointers.values();
    return other && Math.hypot(one.x - other.x, one.y - other.y);
  }

  pan(dx, dy) {
    const { scale, x, y } = this.view;
    this.view = { scale, x: x - dx / scale, y: y - dy / scale };
    this.paintSoon();
  }

  dragTo(point, isFree) {
    const { drag, model } = this;
    if (drag.kind === 'move') {
      const to = ['x', 'y'].map((axis) => (isFree ? point[axis] - drag.start[axis] : snapped(point[axis] - drag.start[axis], SNAP)));
      move(model, to[0] - drag.moved.x, to[1] - drag.moved.y, drag.name);
      drag.moved = { x: to[0], y: to[1] };
    } else if (drag.kind === 'turn') {
      const whole = degreesAt(drag.middle, point) - drag.from;
      const to = isFree ? whole : snapped(whole, SNAP_DEGREES);
      turn(model, to - drag.turned, drag.name);
      drag.turned = to;
    } else if (drag.kind === 'seats') {
      const found = this.seatOf(model.plan.sections[drag.section], point);
      if (found) model.select({ ...model.selection, rowTo: found.row, seatTo: found.seat });
    }
  }

  up(event) {
    const { drag, model } = this;
    const known = this.pointers.delete(event.pointerId);
    this.drag = undefined;
    model.endStep();
    if (!known || !drag || event.type === 'pointercancel') return;
    if (drag.kind === 'seats') {
      if (model.brush) mark(model, { kind: model.brush });
      else say(selectionName(model));
    } else if (drag.clears && drag.travelled < CLICK) selectAndSay(model, NOTHING);
  }

  hover(event) {
    const point = this.pointOf(event);
    const isSeats = this.model.tool === 'seats';
    const cursor = isSeats ? (this.seatAt(point) ? 'cell' : 'grab') : this.cursorAt(point);
    this.canvas.style.cursor = cursor;
  }

  cursorAt(point) {
    if (this.isHandleAt(point)) return 'alias';
    return this.sectionAt(point) >= 0 || this.isStageAt(point) ? 'move' : 'grab';
  }

  wheel(event) {
    if (!event.ctrlKey && document.activeElement !== this.canvas) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 300), this.pointOf(event));
  }

  /** The room of the plan that is seen. */
  get seen() {
    const { scale, x, y } = this.view;
    return { x, y, w: this.canvas.clientWidth / scale, h: this.canvas.clientHeight / scale };
  }

  /** Whether a section is in sight. */
  isSeen(section) {
    const area = boundsOf(outlineOf(section));
    const { x, y, w, h } = this.seen;
    return area.x <= x + w && area.x + area.w >= x && area.y <= y + h && area.y + area.h >= y;
  }

  /** The room of the seat that a selection ends at. */
  areaOfSeat({ section, rowTo, seatTo }) {
    const own = this.model.plan.sections[section];
    const { x, y } = turnOf(own).out(seatsOf(own)[rowTo].seats[seatTo - 1]);
    return { x: x - 0.5, y: y - 0.5, w: 1, h: 1 };
  }
}
