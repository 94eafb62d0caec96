// A drawing of a date's seats: panned, zoomed, and used by pointer.
//
// Seats are drawn as a few paths for each block of seats, not as one element each: 20,000 elements would stutter.

import { PITCH, SIZE } from './seat-layout.js';
import { t } from './text.js';

/** How many rows and columns of seats share their paths. */
const BLOCK = 20;
/** Seats that lie closer together than this, in pixels, are zoomed in on rather than chosen (WCAG 2.5.8). */
const TOUCHABLE = 24;
/** How large a seat may be drawn, in pixels. */
const LARGEST = 56;
/** How many prices have colours of their own. */
export const COLOURS = 8;
/** Rows that lie closer together than this, in pixels, have no room for their numbers. */
const READABLE = 12;
/** Room for a row's number before its first seat, in pixels. */
const NUMBER = 26;

const SHAPES = {
  free: (x, y) => `M${x} ${y}h${SIZE}v${SIZE}h-${SIZE}z`,
  taken: (x, y) => `M${x + 2} ${y + 2}l4 4m0-4l-4 4`,
  mine: (x, y) => `M${x + 4} ${y - 1}l5 5l-5 5l-5-5z`,
};

const SVG = 'http://www.w3.org/2000/svg';

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children);
  return element;
}

function box(className) {
  const element = document.createElement('div');
  element.className = className;
  return element;
}

export class SeatMap {
  /**
   * `stateOf(seat)` is `free`, `taken` or `mine`. `pick(seat)` is called when a seat is touched, `point(seat)` when the
   * pointer moves to one, or to none, and `moved()` when the map was panned or zoomed.
   */
  constructor(layout, { stateOf, pick, point, moved }) {
    Object.assign(this, { layout, stateOf, pick, point, moved });
    this.dirty = new Set();
    this.pointers = new Map();
    this.base = 1;
    this.view = { ...layout.bounds };
    this.draw();
  }

  draw() {
    const { middle, bounds, sections, seats } = this.layout;
    this.stage = svg('text', { class: 'stage-name', x: middle, y: 12 });
    this.svg = svg('svg', { 'aria-hidden': 'true', focusable: 'false' },
      svg('path', { class: 'stage', d: `M${middle - 40} 4h80l-8 12h-64z` }), this.stage,
      ...sections.filter(({ label }) => label).map(({ label, x, y }) => svg('text', { class: 'section-name', x, y: y - 3 }, label)));
    this.blocks = new Map();
    for (const seat of seats) this.blockOf(seat).seats.push(seat);
    for (const block of this.blocks.values()) this.paint(block);
    this.svg.style.aspectRatio = `${bounds.w} / ${bounds.h}`;
    this.numbers = box('row-numbers');
    this.numbers.setAttribute('aria-hidden', 'true');
    this.listen();
  }

  /** Shows the drawing in an element, until the function that this answers is called. */
  attach(element) {
    element.append(this.svg, this.numbers);
    this.element = element;
    this.settle();
    const resized = new ResizeObserver(() => this.settle());
    resized.observe(element);
    return () => resized.disconnect();
  }

  blockOf(seat) {
    const key = `${Math.floor(seat.row / BLOCK)}/${Math.floor(seat.column / BLOCK)}`;
    if (!this.blocks.has(key)) {
      const element = svg('g', {});
      this.svg.append(element);
      this.blocks.set(key, { element, seats: [], paths: new Map() });
    }
    return this.blocks.get(key);
  }

  paint(block) {
    const shapes = new Map();
    for (const seat of block.seats) {
      const { x, y } = this.layout.corner(seat);
      const state = this.stateOf(seat);
      const kind = state === 'free' ? `free price-${Math.min(this.layout.prices.indexOf(seat.price), COLOURS - 1)}` : state;
      shapes.set(kind, (shapes.get(kind) ?? '') + SHAPES[state](x, y));
    }
    for (const kind of new Set([...shapes.keys(), ...block.paths.keys()])) {
      if (!block.paths.has(kind)) {
        block.paths.set(kind, svg('path', { class: kind }));
        block.element.append(block.paths.get(kind));
      }
      block.paths.get(kind).setAttribute('d', shapes.get(kind) ?? '');
    }
  }

  /** Draws seats anew, with the next frame. */
  repaint(seats) {
    seats.forEach((seat) => this.dirty.add(this.blockOf(seat)));
    if (this.painting) return;
    this.painting = true;
    requestAnimationFrame(() => {
      this.painting = false;
      this.dirty.forEach((block) => this.paint(block));
      this.dirty.clear();
    });
  }

  // What is seen of the map.

  show(view) {
    const { bounds } = this.layout;
    const w = Math.min(view.w, bounds.w);
    const h = Math.min(view.h, bounds.h);
    this.view = {
      w,
      h,
      x: Math.min(Math.max(view.x, bounds.x), bounds.x + bounds.w - w),
      y: Math.min(Math.max(view.y, bounds.y), bounds.y + bounds.h - h),
    };
    if (this.framed) return;
    this.framed = true;
    requestAnimationFrame(() => {
      this.framed = false;
      this.settle();
    });
  }

  /** Draws the view. Names and numbers keep their size on the screen. */
  settle() {
    if (!this.element?.isConnected) return;
    const { x, y, w, h } = this.view;
    const { bounds } = this.layout;
    const { width, height } = this.svg.getBoundingClientRect();
    this.base = Math.min(width / bounds.w, height / bounds.h) || 1;
    this.svg.setAttribute('viewBox', `${x} ${y} ${w} ${h}`);
    this.element.classList.toggle('zoomed', this.isZoomed());
    this.svg.style.setProperty('--unit', 1 / this.scale());
    this.stage.textContent = t('seats.stage');
    this.numberRows();
    this.moved();
  }

  isZoomed() { return this.view.w < this.layout.bounds.w - 0.5; }

  /** Numbers the rows in sight before their first seats, or at the edge of the map if these are out of sight. */
  numberRows() {
    const scale = this.scale();
    const every = Math.ceil(READABLE / (PITCH * scale));
    const matrix = this.svg.getScreenCTM();
    if (!matrix) return;
    const { left, top } = this.element.getBoundingClientRect();
    const { view } = this;
    const seen = [...this.layout.rows.values()].filter(({ y, number }) => y > view.y - PITCH && y < view.y + view.h && (number - 1) % every === 0);
    while (this.numbers.childElementCount > seen.length) this.numbers.lastElementChild.remove();
    while (this.numbers.childElementCount < seen.length) this.numbers.append(document.createElement('span'));
    seen.forEach(({ number, x, y }, index) => {
      const name = this.numbers.children[index];
      const start = new DOMPoint(x + PITCH - SIZE / 2, y + SIZE / 2).matrixTransform(matrix);
      name.textContent = number;
      name.style.top = `${start.y - top}px`;
      name.style.left = `${Math.max(start.x - left - NUMBER, 3)}px`;
    });
  }

  whole() { this.show(this.layout.bounds); }

  /** Shows a section as large as it fits, or its front where its seats would be too small to touch. */
  showSection({ x, y, w, h }) {
    const room = PITCH * 1.5;
    const { bounds } = this.layout;
    const fitting = Math.max((w + 2 * room) / bounds.w, (h + 2 * room) / bounds.h);
    const size = this.bounded(Math.min(fitting, (this.base * PITCH) / (TOUCHABLE * 1.2)));
    const fits = size.h >= h + 2 * room;
    this.show({ ...size, x: x + w / 2 - size.w / 2, y: fits ? y + h / 2 - size.h / 2 : y - room });
  }

  /** The size of a view that is `factor` of the whole, within what may be seen. */
  bounded(factor) {
    const { bounds } = this.layout;
    const part = Math.min(Math.max(factor, (this.base * SIZE) / LARGEST), 1);
    return { w: bounds.w * part, h: bounds.h * part };
  }

  /** Zooms by a factor; the point, in units of the drawing, stays where it is. */
  zoom(factor, point = { x: this.view.x + this.view.w / 2, y: this.view.y + this.view.h / 2 }) {
    const { view } = this;
    const size = this.bounded(view.w / factor / this.layout.bounds.w);
    const part = size.w / view.w;
    this.show({ ...size, x: point.x - (point.x - view.x) * part, y: point.y - (point.y - view.y) * part });
  }

  /** Pixels for one unit of the drawing. */
  scale() { return (this.base * this.layout.bounds.w) / this.view.w; }

  /** The point of the drawing under a pointer. */
  pointOf(event) {
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
  }

  /** Pans so that a seat is seen. */
  reveal(seat) {
    const { x, y } = this.layout.corner(seat);
    const { view } = this;
    const margin = PITCH * 2;
    const left = Math.min(view.x, x - margin);
    const top = Math.min(view.y, y - margin);
    this.show({ ...view, x: Math.max(left, x + margin - view.w), y: Math.max(top, y + margin - view.h) });
  }

  /** Where a seat is seen within the map's element, in pixels: its corner, and the size of what can be touched. */
  placeOf(seat) {
    const matrix = this.svg.getScreenCTM();
    if (!matrix) return undefined;
    const { x, y } = this.layout.corner(seat);
    const corner = new DOMPoint(x, y).matrixTransform(matrix);
    const frame = this.element.getBoundingClientRect();
    const size = SIZE * matrix.a;
    const target = Math.max(size, TOUCHABLE);
    return { left: corner.x - frame.left - (target - size) / 2, top: corner.y - frame.top - (target - size) / 2, size: target };
  }

  // Pointers.

  listen() {
    this.svg.addEventListener('pointerdown', (event) => this.down(event));
    this.svg.addEventListener('pointermove', (event) => this.move(event));
    this.svg.addEventListener('pointerleave', () => this.point(undefined));
    for (const end of ['pointerup', 'pointercancel']) this.svg.addEventListener(end, (event) => this.up(event));
    this.svg.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !this.isZoomed()) return;
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 300), this.pointOf(event));
    }, { passive: false });
  }

  down(event) {
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.travelled = this.pointers.size > 1 ? Infinity : 0;
    this.svg.setPointerCapture(event.pointerId);
  }

  move(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) {
      this.point(this.layout.seatUnder(this.pointOf(event)));
      return;
    }
    const before = this.spread();
    const dx = event.clientX - last.x;
    const dy = event.clientY - last.y;
    Object.assign(last, { x: event.clientX, y: event.clientY });
    this.travelled += Math.abs(dx) + Math.abs(dy);
    if (this.travelled < 6) return;
    const part = 1 / (this.scale() * this.pointers.size);
    this.show({ ...this.view, x: this.view.x - dx * part, y: this.view.y - dy * part });
    if (before) this.zoom(this.spread() / before, this.pointOf(event));
  }

  up(event) {
    const known = this.pointers.delete(event.pointerId);
    if (!known || this.travelled >= 6 || event.type === 'pointercancel') return;
    const point = this.pointOf(event);
    if (this.scale() * PITCH < TOUCHABLE) {
      this.zoom((TOUCHABLE * 1.6) / (this.scale() * PITCH), point);
      return;
    }
    const seat = this.layout.seatUnder(point);
    if (seat) this.pick(seat);
  }

  /** How far two fingers are apart. */
  spread() {
    const [one, two] = this.pointers.values();
    return two && Math.hypot(one.x - two.x, one.y - two.y);
  }
}
