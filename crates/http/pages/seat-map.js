// A drawing of a date's seats: panned, zoomed, and used by pointer or keyboard.
//
// Seats are drawn as a few paths for each block of seats, not as one element each: 20,000 elements
// would stutter. A single button lies over the seat that the keyboard is at.

import { h, set, svg } from './dom.js';
import { points, seatName } from './format.js';
import { t } from './text.js';

/** From seat to seat, and the size of one, in units of the drawing. */
const PITCH = 10;
const SIZE = 8;
/** How many rows and columns of seats share their paths. */
const BLOCK = 20;
/** Room for the stage above the seats, and for the name of a section above it. */
const STAGE = 24;
const SECTION = 10;
/** Room for the numbers of rows, to the left of the seats. */
const MARGIN = 8;
/** Seats that lie closer together than this, in pixels, are zoomed in on rather than chosen (WCAG 2.5.8). */
const TOUCHABLE = 24;
/** How large a seat may be drawn, in pixels. */
const LARGEST = 56;

const SHAPES = {
  free: (x, y) => `M${x} ${y}h${SIZE}v${SIZE}h-${SIZE}z`,
  taken: (x, y) => `M${x + 2} ${y + 2}l4 4m0-4l-4 4`,
  mine: (x, y) => `M${x + 4} ${y - 1}l5 5l-5 5l-5-5z`,
};

export class SeatMap {
  /** `choose(seat)` is called when a free or chosen seat is picked. */
  constructor(seats, choose) {
    this.choose = choose;
    this.seats = seats;
    this.byNumber = new Map(seats.map((seat) => [seat.number, seat]));
    this.at = new Map(seats.map((seat) => [`${seat.row}/${seat.column}`, seat]));
    this.chosen = new Set();
    this.prices = [...new Set(seats.map((seat) => seat.price))].sort((a, b) => b - a);
    this.dirty = new Set();
    this.pointers = new Map();
    this.draw();
    this.cursorAt(seats[0]);
  }

  draw() {
    this.placeRows();
    const columns = Math.max(...this.seats.map((seat) => seat.column));
    this.bounds = { x: -MARGIN, y: 0, w: (columns + 1) * PITCH + MARGIN, h: this.bottom + PITCH };
    this.view = { ...this.bounds };
    const middle = ((columns + 1) * PITCH) / 2;
    this.svg = svg('svg', { 'aria-hidden': 'true', focusable: 'false' },
      svg('path', { class: 'stage', d: `M${middle - 40} 4h80l-8 12h-64z` }),
      svg('text', { class: 'stage-name', x: middle, y: 12 }),
      ...this.sections.map(({ label, y }) => svg('text', { x: PITCH / 2, y: y - 3 }, label)),
      ...[...this.rowAt].map(([row, y]) => svg('text', { class: 'row-name', x: 3, y: y + 6 }, String(row))));
    this.svg.querySelector('.stage-name').textContent = t('seats.stage');
    this.blocks = new Map();
    for (const seat of this.seats) this.blockOf(seat).seats.push(seat);
    for (const block of this.blocks.values()) this.paint(block);
    this.cursor = h('button', { type: 'button', class: 'cursor', 'aria-describedby': 'seats-help' });
    this.svg.style.aspectRatio = `${this.bounds.w} / ${this.bounds.h}`;
    this.hint = h('p', { class: 'hint', 'aria-hidden': 'true' });
    this.element = h('div', { class: 'seat-map' }, this.svg, this.cursor, this.hint);
    this.listen();
    this.show(this.bounds);
    new ResizeObserver(() => this.moveCursor()).observe(this.element);
  }

  /** Sections stand apart from each other. */
  placeRows() {
    this.rowAt = new Map();
    this.sections = [];
    let y = STAGE;
    let label;
    for (const seat of this.seats) {
      if (this.rowAt.has(seat.row)) continue;
      if (seat.label !== label) {
        label = seat.label;
        if (label) y += SECTION;
        if (label) this.sections.push({ label, y });
      }
      this.rowAt.set(seat.row, y);
      y += PITCH;
    }
    this.bottom = y;
  }

  place(seat) { return { x: seat.column * PITCH - SIZE / 2, y: this.rowAt.get(seat.row) }; }

  blockOf(seat) {
    const key = `${Math.floor(seat.row / BLOCK)}/${Math.floor(seat.column / BLOCK)}`;
    if (!this.blocks.has(key)) {
      const element = svg('g');
      this.svg.append(element);
      this.blocks.set(key, { element, seats: [], paths: new Map() });
    }
    return this.blocks.get(key);
  }

  paint(block) {
    const shapes = new Map();
    for (const seat of block.seats) {
      const { x, y } = this.place(seat);
      const state = this.stateOf(seat);
      const kind = state === 'free' ? `free price-${Math.min(this.prices.indexOf(seat.price), 3)}` : state;
      shapes.set(kind, (shapes.get(kind) ?? '') + SHAPES[state](x, y));
    }
    for (const kind of new Set([...shapes.keys(), ...block.paths.keys()])) {
      if (!block.paths.has(kind)) {
        block.paths.set(kind, svg('path', { class: kind }));
        block.element.append(block.paths.get(kind));
      }
      set(block.paths.get(kind), { d: shapes.get(kind) ?? '' });
    }
  }

  stateOf(seat) {
    if (this.chosen.has(seat.number)) return 'mine';
    return seat.status === 'FREE' ? 'free' : 'taken';
  }

  /** Draws a seat anew, with the next frame. */
  repaint(seat) {
    this.dirty.add(this.blockOf(seat));
    if (this.painting) return;
    this.painting = true;
    requestAnimationFrame(() => {
      this.painting = false;
      this.dirty.forEach((block) => this.paint(block));
      this.dirty.clear();
      this.point(this.pointed);
      this.describeCursor();
    });
  }

  /** Notes what became of a seat; answers whether that is news. */
  setStatus(number, status) {
    const seat = this.byNumber.get(number);
    if (!seat || seat.status === status) return false;
    seat.status = status;
    this.repaint(seat);
    return true;
  }

  setChosen(numbers) {
    const before = this.chosen;
    this.chosen = new Set(numbers);
    new Set([...before, ...this.chosen]).forEach((number) => this.repaint(this.byNumber.get(number)));
  }

  // What is seen of the map.

  show(view) {
    const { bounds } = this;
    const w = Math.min(view.w, bounds.w);
    const h = Math.min(view.h, bounds.h);
    this.view = {
      w,
      h,
      x: Math.max(bounds.x, Math.min(view.x, bounds.x + bounds.w - w)),
      y: Math.max(bounds.y, Math.min(view.y, bounds.y + bounds.h - h)),
    };
    this.element.classList.toggle('zoomed', w < bounds.w);
    if (this.framed) return;
    this.framed = true;
    requestAnimationFrame(() => {
      this.framed = false;
      const { x, y, w: width, h: height } = this.view;
      set(this.svg, { viewBox: `${x} ${y} ${width} ${height}` });
      this.moveCursor();
    });
  }

  /** Zooms by a factor around a point of the drawing. */
  zoom(factor, around = { x: this.view.x + this.view.w / 2, y: this.view.y + this.view.h / 2 }) {
    const { view } = this;
    const most = (this.scale() * factor * SIZE) / LARGEST;
    const by = factor / Math.max(1, most);
    this.show({
      w: view.w / by,
      h: view.h / by,
      x: around.x - (around.x - view.x) / by,
      y: around.y - (around.y - view.y) / by,
    });
  }

  whole() { this.show(this.bounds); }

  /** Pixels for one unit of the drawing. */
  scale() { return this.svg.getScreenCTM()?.a || 1; }

  /** The point of the drawing under a pointer. */
  pointOf(event) {
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
  }

  seatUnder(point) {
    const column = Math.round(point.x / PITCH);
    for (const [row, y] of this.rowAt) {
      if (point.y >= y - 1 && point.y < y + PITCH - 1) return this.at.get(`${row}/${column}`);
    }
    return undefined;
  }

  // Pointers.

  listen() {
    this.svg.addEventListener('pointerdown', (event) => this.down(event));
    this.svg.addEventListener('pointermove', (event) => this.move(event));
    for (const end of ['pointerup', 'pointercancel']) this.svg.addEventListener(end, (event) => this.up(event));
    this.svg.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && this.view.w >= this.bounds.w) return;
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 300), this.pointOf(event));
    }, { passive: false });
    this.cursor.addEventListener('keydown', (event) => this.key(event));
    this.cursor.addEventListener('click', () => this.pick(this.current));
  }

  down(event) {
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.travelled = this.pointers.size > 1 ? Infinity : 0;
    this.svg.setPointerCapture(event.pointerId);
  }

  move(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) {
      this.point(this.seatUnder(this.pointOf(event)));
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
    const seat = this.seatUnder(point);
    if (!seat) return;
    this.cursorAt(seat);
    this.pick(seat);
  }

  /** How far two fingers are apart. */
  spread() {
    const [one, two] = this.pointers.values();
    return two && Math.hypot(one.x - two.x, one.y - two.y);
  }

  pick(seat) {
    if (this.stateOf(seat) !== 'taken') this.choose(seat);
  }

  // The keyboard.

  key(event) {
    const { row, column } = this.current;
    const steps = {
      ArrowLeft: () => this.next(row, column, 0, -1),
      ArrowRight: () => this.next(row, column, 0, 1),
      ArrowUp: () => this.next(row, column, -1, 0),
      ArrowDown: () => this.next(row, column, 1, 0),
      Home: () => this.at.get(`${row}/1`),
      End: () => this.seats.findLast((seat) => seat.row === row),
    };
    const views = { '+': () => this.zoom(1.5, this.place(this.current)), '-': () => this.zoom(1 / 1.5), 0: () => this.whole() };
    const act = steps[event.key] ?? views[event.key === '=' ? '+' : event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const seat = act();
    if (seat) this.cursorAt(seat);
  }

  /** The next seat in a direction; rows may be of different lengths. */
  next(row, column, down, right) {
    const target = this.at.get(`${row + down}/${column + right}`);
    if (target || right) return target;
    return this.seats.findLast((seat) => seat.row === row + down && seat.column <= column);
  }

  cursorAt(seat) {
    this.current = seat;
    this.reveal(seat);
    this.describeCursor();
    this.moveCursor();
  }

  /** Pans so that a seat is seen. */
  reveal(seat) {
    const { x, y } = this.place(seat);
    const { view } = this;
    const margin = PITCH * 2;
    const left = Math.min(view.x, x - margin);
    const top = Math.min(view.y, y - margin);
    this.show({
      ...view,
      x: Math.max(left, x + margin - view.w),
      y: Math.max(top, y + margin - view.h),
    });
  }

  /** Says in the picture which seat is pointed at. */
  point(seat) {
    this.pointed = seat;
    this.hint.textContent = seat ? describe(seat, this.stateOf(seat)) : '';
  }

  describeCursor() {
    const state = this.stateOf(this.current);
    if (document.activeElement === this.cursor) this.point(this.current);
    set(this.cursor, { 'aria-label': describe(this.current, state), 'aria-pressed': String(state === 'mine') });
  }

  moveCursor() {
    const matrix = this.svg.getScreenCTM();
    if (!matrix) return;
    const { x, y } = this.place(this.current);
    const corner = new DOMPoint(x, y).matrixTransform(matrix);
    const frame = this.element.getBoundingClientRect();
    const size = SIZE * matrix.a;
    const target = Math.max(size, 24);
    Object.assign(this.cursor.style, {
      left: `${corner.x - frame.left - (target - size) / 2}px`,
      top: `${corner.y - frame.top - (target - size) / 2}px`,
      width: `${target}px`,
      height: `${target}px`,
    });
  }
}

/** A seat in words. */
export function describe(seat, state) {
  return t('seats.describe', { seat: seatName(seat), price: points(seat.price), status: t(`seats.${state}`) });
}
