// Where the seats of a date lie: sections from the stage to the back, rows centred below the stage.

/** From seat to seat, and the size of one, in units of the drawing. */
export const PITCH = 10;
export const SIZE = 8;
/** Room for the stage above the seats, and for the name of a section above it. */
const STAGE = 24;
const SECTION = 12;
/** Room for the numbers of rows on both sides of the seats: they keep their size on the screen, so more for more columns. */
const margin = (columns) => 8 + columns * 0.45;

/** The sections and rows of seats, which come in the order of their numbers. */
export class SeatLayout {
  constructor(seats) {
    this.seats = seats;
    this.byNumber = new Map(seats.map((seat) => [seat.number, seat]));
    this.at = new Map(seats.map((seat) => [`${seat.row}/${seat.column}`, seat]));
    this.prices = [...new Set(seats.map((seat) => seat.price))].sort((a, b) => b - a);
    this.collect();
    this.place();
  }

  collect() {
    this.sections = [];
    this.rows = new Map();
    for (const seat of this.seats) {
      let section = this.sections.at(-1);
      if (!section || section.label !== seat.label) {
        section = { label: seat.label, rows: [], seats: [] };
        this.sections.push(section);
      }
      section.seats.push(seat);
      if (!this.rows.has(seat.row)) {
        this.rows.set(seat.row, { number: seat.row, section, seats: [] });
        section.rows.push(this.rows.get(seat.row));
      }
      this.rows.get(seat.row).seats.push(seat);
    }
  }

  place() {
    const columns = Math.max(...this.seats.map((seat) => seat.column));
    let y = STAGE;
    for (const section of this.sections) {
      if (section.label) y += SECTION;
      const widest = Math.max(...section.rows.map(({ seats }) => seats.at(-1).column));
      Object.assign(section, { y, x: (PITCH * (columns - widest)) / 2 + PITCH - SIZE / 2, w: widest * PITCH, h: section.rows.length * PITCH });
      for (const row of section.rows) {
        row.y = y;
        row.x = (PITCH * (columns - row.seats.at(-1).column)) / 2;
        y += PITCH;
      }
    }
    this.bounds = { x: -margin(columns), y: 0, w: (columns + 1) * PITCH + 2 * margin(columns), h: y + PITCH };
    this.middle = ((columns + 1) * PITCH) / 2;
    this.columns = columns;
  }

  /** The corner of a seat. */
  corner(seat) {
    const row = this.rows.get(seat.row);
    return { x: row.x + seat.column * PITCH - SIZE / 2, y: row.y };
  }

  /** The seat at a point. */
  seatUnder(point) {
    for (const row of this.rows.values()) {
      if (point.y < row.y - 1 || point.y >= row.y + PITCH - 1) continue;
      return this.at.get(`${row.number}/${Math.round((point.x - row.x) / PITCH)}`);
    }
    return undefined;
  }

  /** The next seat in a direction; rows may be of different lengths. */
  next({ row, column }, down, right) {
    if (right) return this.at.get(`${row}/${column + right}`);
    return this.rows.get(row + down)?.seats.findLast((seat) => seat.column <= column);
  }

  /** The first seat of the section after, or before, that of a seat. */
  nextSection(seat, step) {
    const index = this.sections.indexOf(this.rows.get(seat.row).section);
    return this.sections[index + step]?.seats[0];
  }

  /** The section at a height. */
  sectionAt(y) { return this.sections.findLast((section) => section.y <= y + PITCH) ?? this.sections[0]; }
}
