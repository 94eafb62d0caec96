// A drawing of a hall: panned, zoomed, and used by pointer.
//
// It is one canvas: 20,000 elements would stutter. What keyboards and screen readers use is beside it (seat-grid.jsx).

import { Palette } from './palette.js';
import { paintHall } from './seat-painter.js';

/** Seats that lie closer together than this, in pixels, are zoomed in on rather than chosen (WCAG 2.5.8). */
const TOUCHABLE = 24;
/** The same for a mouse, which points more finely. */
const CLICKABLE = 14;
/** The greatest distance between two neighbouring seats, in pixels. */
const LARGEST = 56;
/** The height at the upper edge that the small map covers, in pixels. */
const OVERLAID = 80;
/** The greatest distance that a pointer moves between down and up in a click, in pixels. */
const STILL = 6;

export class SeatMap {
  /**
   * `stateOf(number)` is `free`, `taken`, `blocked` or `mine`; `fits(number)` whether a place is among those looked for;
   * `nameOf(section)` what is written on it. `pick(seat)` is called when a seat is touched, `enter(section)` when a section
   * is, `point(seat)` when the pointer moves to a seat, or to none, and `moved()` when the map was panned or zoomed.
   */
  constructor(hall, options) {
    Object.assign(this, { hall, options });
    this.pointers = new Map();
    this.size = { w: 0, h: 0 };
    const { x, y, w, h } = hall.bounds;
    this.view = { x: x + w / 2, y: y + h / 2, scale: 0 };
    this.canvas = document.createElement('canvas');
    this.canvas.setAttribute('aria-hidden', 'true');
    this.listen();
  }

  /** Shows the drawing in an element, until the function that this answers is called. */
  attach(element) {
    element.append(this.canvas);
    this.element = element;
    this.canvas.style.aspectRatio = String(Math.min(Math.max(this.hall.bounds.w / this.hall.bounds.h, 0.8), 2.2));
    this.palette = new Palette(this.hall);
    this.resize();
    const resized = new ResizeObserver(() => this.resize());
    resized.observe(this.canvas);
    return () => resized.disconnect();
  }

  /** Draws in other colours. */
  restyle() {
    if (!this.palette) return;
    this.palette = new Palette(this.hall);
    this.repaint();
  }

  resize() {
    const { width: w, height: h } = this.canvas.getBoundingClientRect();
    if (!w || (w === this.size.w && h === this.size.h)) return;
    const wasWhole = !this.isZoomed();
    this.size = { w, h };
    this.ratio = Math.min(devicePixelRatio || 1, 2);
    this.canvas.width = Math.round(w * this.ratio);
    this.canvas.height = Math.round(h * this.ratio);
    if (wasWhole) this.view.scale = 0;
    this.view = this.bounded(this.view);
    this.paint();
  }

  /** Draws again with the next frame. */
  repaint() {
    if (this.painting) return;
    this.painting = true;
    requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.painting = false;
    if (!this.size.w || !this.palette) return;
    paintHall(this);
    // The tests of slow phones read it.
    if (!this.painted) performance.mark('seats drawn');
    const { view } = this;
    if (view === this.painted) return;
    this.painted = view;
    this.element.classList.toggle('zoomed', this.isZoomed());
    this.options.moved();
  }

  // What is seen of the map.

  /** Pixels for one unit when the whole hall is seen. */
  get whole() { return Math.min(this.size.w / this.hall.bounds.w, this.size.h / this.hall.bounds.h) || 1; }

  isZoomed() { return this.view.scale > this.whole * 1.01; }

  /** A view within what may be seen. */
  bounded({ x, y, scale }) {
    const { bounds } = this.hall;
    const size = Math.min(Math.max(scale, this.whole), Math.max(LARGEST, this.whole));
    const within = (value, from, length, seen) => (seen >= length ? from + length / 2 : Math.min(Math.max(value, from + seen / 2), from + length - seen / 2));
    return { scale: size, x: within(x, bounds.x, bounds.w, this.size.w / size), y: within(y, bounds.y, bounds.h, this.size.h / size) };
  }

  show(view) {
    this.view = this.bounded(view);
    this.repaint();
  }

  showWhole() { this.show({ ...this.view, scale: 0 }); }

  /** The rectangle of the plan that is seen. */
  seen() {
    const { view: { x, y, scale }, size: { w, h } } = this;
    return { x: x - w / scale / 2, y: y - h / scale / 2, w: w / scale, h: h / scale };
  }

  /** Shows a section as large as it fits; if its seats would be too small to touch, the part of it around a point, or its front. */
  showSection({ bounds: { x, y, w, h }, standing, rows, turn }, around) {
    const within = (covered) => Math.min(this.size.w / (w + 3), (this.size.h - covered) / (h + 2), LARGEST);
    // The small map covers a corner of the section rather than that its seats were too small.
    const covered = standing || within(OVERLAID) >= TOUCHABLE ? OVERLAID : 0;
    const fitting = within(covered);
    if (standing || fitting >= TOUCHABLE) {
      this.show({ x: x + w / 2, y: y + h / 2 - covered / fitting / 2, scale: fitting });
      return;
    }
    const scale = TOUCHABLE * 1.2;
    const [left, right] = rows[0].ends;
    const depth = rows.at(-1).bottom - left.y;
    const front = turn.out({ x: (left.x + right.x) / 2, y: left.y + Math.min(depth / 2, this.size.h / scale / 2 - 3) });
    this.show({ ...(around ?? front), scale });
  }

  /** Zooms by a factor; the point of the plan stays where it is. */
  zoom(factor, point = this.view) {
    const { x, y, scale } = this.view;
    const { scale: next } = this.bounded({ x, y, scale: scale * factor });
    const part = scale / next;
    this.show({ x: point.x - (point.x - x) * part, y: point.y - (point.y - y) * part, scale: next });
  }

  /** The drawn position of a point of the plan, in pixels. */
  place({ x, y }) {
    const { view, size } = this;
    return { x: (x - view.x) * view.scale + size.w / 2, y: (y - view.y) * view.scale + size.h / 2 };
  }

  /** The point of the plan under a pointer. */
  pointOf(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    const { view, size } = this;
    return { x: (event.clientX - left - size.w / 2) / view.scale + view.x, y: (event.clientY - top - size.h / 2) / view.scale + view.y };
  }

  /** Pans so that a seat is seen. */
  reveal(seat) {
    const { x, y } = this.hall.pointOf(seat);
    const { view, size } = this;
    const [w, h] = [Math.max(size.w / view.scale / 2 - 2, 0), Math.max(size.h / view.scale / 2 - 2, 0)];
    const near = (value, middle, reach) => Math.min(Math.max(middle, value - reach), value + reach);
    this.show({ ...view, x: near(x, view.x, w), y: near(y, view.y, h) });
  }

  /** Where a seat is seen within the map's element, in pixels: its corner, and the size of what can be touched. */
  placeOf(seat) {
    const { x, y } = this.place(this.hall.pointOf(seat));
    const size = Math.max(this.view.scale * 0.8, TOUCHABLE);
    return { left: x - size / 2, top: y - size / 2, size };
  }

  // Pointers.

  listen() {
    const { canvas } = this;
    canvas.addEventListener('pointerdown', (event) => this.down(event));
    canvas.addEventListener('pointermove', (event) => this.move(event));
    canvas.addEventListener('pointerleave', () => this.pointAt(undefined));
    for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, (event) => this.up(event));
    canvas.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !this.isZoomed()) return;
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 300), this.pointOf(event));
    }, { passive: false });
  }

  pointAt(seat) {
    if (this.pointed === seat) return;
    this.pointed = seat;
    this.options.point(seat);
    this.repaint();
  }

  down(event) {
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.travelled = this.pointers.size > 1 ? Infinity : 0;
    this.canvas.setPointerCapture(event.pointerId);
  }

  move(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) {
      this.pointAt(this.hall.seatAt(this.pointOf(event)));
      return;
    }
    const before = this.spread();
    const dx = event.clientX - last.x;
    const dy = event.clientY - last.y;
    Object.assign(last, { x: event.clientX, y: event.clientY });
    this.travelled += Math.abs(dx) + Math.abs(dy);
    if (this.travelled < STILL) return;
    const part = 1 / (this.view.scale * this.pointers.size);
    this.show({ ...this.view, x: this.view.x - dx * part, y: this.view.y - dy * part });
    if (before) this.zoom(this.spread() / before, this.pointOf(event));
  }

  up(event) {
    const known = this.pointers.delete(event.pointerId);
    if (!known || this.travelled >= STILL || event.type === 'pointercancel') return;
    const point = this.pointOf(event);
    const section = this.hall.sectionAt(point, 1);
    if (section?.standing) {
      this.options.enter(section);
    } else if (this.view.scale < (event.pointerType === 'mouse' ? CLICKABLE : TOUCHABLE)) {
      if (section) this.options.enter(section, point);
      else this.zoom(1.5, point);
    } else {
      const seat = this.hall.seatAt(point);
      if (seat) this.options.pick(seat);
    }
  }

  /** How far two fingers are apart. */
  spread() {
    const [one, two] = this.pointers.values();
    return two && Math.hypot(one.x - two.x, one.y - two.y);
  }
}
