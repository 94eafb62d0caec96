// The places of a date as its plan has them: sections, rows and seats by their numbers, and where they lie.

import { boundsOf, cornersOf, pointIn, positionsOf, rowOf, turnOf } from './plan-geometry.js';

/** Room around the seats of a section, from their middles, and around the whole hall, in units. */
const AROUND = 0.75;
const MARGIN = 1.5;

/** The kinds of seats that are for users of wheelchairs and their companions. */
const ACCESSIBLE = ['ACCESSIBLE', 'COMPANION'];

/** A row with seats. They are made when they are first asked for: few of many are seen at once. */
class HallRow {
  constructor(row, index, rowSpacing, first) {
    Object.assign(this, { row: rowOf(row), index, rowSpacing, first, label: row.label });
    const { seats, curve, aisles, exceptions } = this.row;
    const absent = new Set(exceptions.filter(({ kind }) => kind === 'ABSENT').map(({ seat }) => seat));
    this.last = first + seats - absent.size - 1;
    this.kinds = new Map(exceptions.map(({ seat, kind }) => [seat, kind]));
    this.top = rowSpacing * index + Math.min(curve, 0);
    this.bottom = rowSpacing * index + Math.max(curve, 0);
    this.columns = seats + aisles.length;
    let [from, to] = [1, seats];
    while (absent.has(from)) from += 1;
    while (absent.has(to)) to -= 1;
    this.ends = [from, to].map((position) => pointIn(this.row, index, rowSpacing, position - 1, aisles.filter((aisle) => aisle < position).length));
  }

  /** Its seats from left to right. */
  get seats() {
    this.made ??= positionsOf(this.row, this.index, this.rowSpacing).filter(({ kind }) => kind !== 'ABSENT');
    return this.made;
  }

  /** The seat of a number. */
  seat(number) { return this.seats[number - this.first]; }

  /** The kind of the seat of a number. A row without exceptions tells it without making its seats. */
  kindOf(number) { return this.kinds.size ? this.seat(number).kind : 'SEAT'; }
}

/** A section with seats: `shape` is a polygon around them, in its own coordinates. */
function seatedSection(section, first) {
  const rows = [];
  let next = first;
  section.rows.forEach((row, index) => {
    const made = new HallRow(row, index, section.rowSpacing ?? 1, next);
    if (made.last < made.first) return;
    rows.push(made);
    next = made.last + 1;
  });
  return { rows, count: next - first, shape: rows.length ? outline(rows) : [] };
}

/** A polygon around rows: their left ends down, their right ends up. A curved row reaches farther than its ends do. */
function outline(rows) {
  const left = edge(rows.map(({ ends }) => ends[0]), -AROUND);
  const right = edge(rows.map(({ ends }) => ends[1]), AROUND);
  return [...along(rows[0], -AROUND).reverse(), ...left, ...along(rows.at(-1), AROUND), ...right.reverse()];
}

/** Steps down the ends of rows: from one row to the next in the middle between them. */
function edge(ends, beside) {
  return ends.flatMap(({ x, y }, index) => {
    const above = ends[index - 1];
    const below = ends[index + 1];
    return [above ? (above.y + y) / 2 : y - AROUND, below ? (below.y + y) / 2 : y + AROUND].map((at) => ({ x: x + beside, y: at }));
  });
}

/** Points along a row, from left to right. */
function along({ seats }, beside) {
  const step = Math.max(1, Math.ceil(seats.length / 12));
  return seats.filter((_, index) => index % step === 0).map(({ x, y }) => ({ x, y: y + beside }));
}

function standingSection({ standing: { capacity, width, height } }) {
  const shape = cornersOf({ x: 0, y: 0, w: Math.max(width, 1), h: Math.max(height, 1) });
  return { rows: [], count: capacity, shape, standing: true };
}

export class Hall {
  /** `plan` is the document of a date, with its prices. */
  constructor({ stage, zones, sections, prices }) {
    Object.assign(this, { stage, prices });
    this.zones = zones.filter(({ code }) => prices[code] !== undefined).map((zone) => ({ ...zone, price: prices[zone.code] }));
    this.zoneByCode = new Map(this.zones.map((zone) => [zone.code, zone]));
    this.sections = [];
    this.kinds = new Set();
    this.count = 0;
    for (const section of sections) this.add(section);
    this.known = new Map();
    const around = boundsOf([...cornersOf({ x: stage.x, y: stage.y, w: stage.width, h: stage.height }), ...this.sections.flatMap(({ polygon }) => polygon)]);
    this.bounds = { x: around.x - MARGIN, y: around.y - MARGIN, w: around.w + 2 * MARGIN, h: around.h + 2 * MARGIN };
    this.columns = this.sections.reduce((most, { rows }) => rows.reduce((widest, { columns }) => Math.max(widest, columns), most), 1);
    this.rowCount = this.sections.reduce((sum, section) => sum + Math.max(section.rows.length, 1), 0);
  }

  add(section) {
    const first = this.count + 1;
    const places = section.standing ? standingSection(section) : seatedSection(section, first);
    const turn = turnOf(section);
    const polygon = places.shape.map(turn.out);
    const index = this.sections.length;
    const exceptions = places.rows.flatMap(({ row }) => row.exceptions);
    const prices = [section.zone, ...exceptions.map(({ zone }) => zone)].map((code) => this.prices[code]).filter((price) => price !== undefined);
    this.sections.push({
      ...places, index, first, last: first + places.count - 1, name: section.name, colour: section.colour, zone: section.zone, turn, polygon,
      bounds: boundsOf(polygon), middle: middleOf(places, turn), price: Math.min(...prices),
      x: section.x, y: section.y,
    });
    exceptions.forEach(({ kind }) => this.kinds.add(kind));
    this.count += places.count;
  }

  /** The section of a place. */
  sectionOf(number) {
    let [low, high] = [0, this.sections.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.sections[middle].first <= number) low = middle;
      else high = middle - 1;
    }
    return this.sections[low];
  }

  /** A place by its number, with its names, its kind and its price. */
  seat(number) {
    if (!(number >= 1 && number <= this.count)) return undefined;
    if (!this.known.has(number)) this.known.set(number, this.describe(number));
    return this.known.get(number);
  }

  describe(number) {
    const section = this.sectionOf(number);
    const common = { number, section: section.name, label: section.name, of: section };
    if (section.standing) {
      return { ...common, kind: 'STANDING', seatNumber: number - section.first + 1, zone: section.zone, price: this.prices[section.zone] };
    }
    const row = rowIn(section, number);
    const { kind, zone = section.zone, seatNumber, column, x, y } = row.seat(number);
    return { ...common, kind, zone, seatNumber, column, x, y, row, rowLabel: row.label, price: this.prices[zone] };
  }

  kindOf(number) {
    const section = this.sectionOf(number);
    return section.standing ? 'STANDING' : rowIn(section, number).kindOf(number);
  }

  /** Whether a place is for users of wheelchairs or their companions. */
  isAccessible(number) { return ACCESSIBLE.includes(this.kindOf(number)); }

  get hasAccessible() { return ACCESSIBLE.some((kind) => this.kinds.has(kind)); }

  /** The middle of a seat in the plan. */
  pointOf({ of: { turn, middle }, x, y }) { return x === undefined ? middle : turn.out({ x, y }); }

  /** The section at a point of the plan, the nearest within `reach`. */
  sectionAt(point, reach = 0) {
    return this.sections.find((section) => isInside(point, section.polygon))
      ?? (reach ? this.sections.find(({ bounds }) => isNear(point, bounds, reach)) : undefined);
  }

  /** The seat at a point of the plan. */
  seatAt(point) {
    for (const section of this.sections) {
      if (section.standing || !isNear(point, section.bounds, 0)) continue;
      const { x, y } = section.turn.into(point);
      for (const row of section.rows) {
        if (y < row.top - 0.5 || y > row.bottom + 0.5) continue;
        const index = row.seats.findIndex((seat) => Math.abs(seat.x - x) <= 0.5 && Math.abs(seat.y - y) <= 0.5);
        if (index >= 0) return this.seat(row.first + index);
      }
    }
    return undefined;
  }

  /**
   * The next place in a direction that `fits`: to the right or left in its row, or in the nearest row below or above. Past
   * the last row of a section follows the next section.
   */
  next(seat, { down = 0, right = 0 }, fits = () => true) {
    if (right) {
      if (!seat.row) return undefined;
      for (let number = seat.number + right; number >= seat.row.first && number <= seat.row.last; number += right) {
        if (fits(number)) return this.seat(number);
      }
      return undefined;
    }
    const { rows } = seat.of;
    for (let index = rows.indexOf(seat.row) + down; seat.row && index >= 0 && index < rows.length; index += down) {
      const found = this.nearest(rows[index], seat.x, fits);
      if (found) return found;
    }
    return this.nextSection(seat, down, fits, down > 0 ? 'first' : 'last');
  }

  /** The place of a row that is nearest to `x`. */
  nearest(row, x, fits) {
    let best;
    for (let number = row.first; number <= row.last; number += 1) {
      const away = Math.abs(row.seat(number).x - x);
      if ((!best || away < best.away) && fits(number)) best = { number, away };
    }
    return best && this.seat(best.number);
  }

  /** The first place, or the `last` row's first one, of the section after or before. */
  nextSection(seat, step, fits = () => true, end = 'first') {
    for (let index = seat.of.index + step; this.sections[index]; index += step) {
      const found = this.startOf(this.sections[index], fits, end);
      if (found) return found;
    }
    return undefined;
  }

  /** The first place of a section that `fits`, or the first one of its last row. */
  startOf(section, fits = () => true, end = 'first') {
    if (section.standing) return fits(section.first) ? this.seat(section.first) : undefined;
    const rows = end === 'last' ? section.rows.toReversed() : section.rows;
    for (const { first, last } of rows) {
      for (let number = first; number <= last; number += 1) if (fits(number)) return this.seat(number);
    }
    return undefined;
  }
}

/** The position of the name of a section: the middle of its middle row, or of its area. */
function middleOf({ rows, shape }, turn) {
  const { x, y, w, h } = boundsOf(shape);
  const seats = rows[Math.floor(rows.length / 2)]?.seats;
  return turn.out({ x: x + w / 2, y: seats ? seats[Math.floor(seats.length / 2)].y : y + h / 2 });
}

/** The row of a seat. */
function rowIn({ rows }, number) {
  let [low, high] = [0, rows.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle].first <= number) low = middle;
    else high = middle - 1;
  }
  return rows[low];
}

const isNear = (point, { x, y, w, h }, reach) => point.x >= x - reach && point.x <= x + w + reach && point.y >= y - reach && point.y <= y + h + reach;

/** Whether a point is within a polygon, by the even-odd rule. */
function isInside({ x, y }, polygon) {
  let inside = false;
  polygon.forEach((one, index) => {
    const other = polygon[(index || polygon.length) - 1];
    if ((one.y > y) !== (other.y > y) && x < ((other.x - one.x) * (y - one.y)) / (other.y - one.y) + one.x) inside = !inside;
  });
  return inside;
}
