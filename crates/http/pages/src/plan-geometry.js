// The positions of the places of a seat plan (docs/seat-plans.md). Lengths are in units of the plan.

const RADIANS = Math.PI / 180;

/** The fields of a row with the values of those that were left out. */
export const rowOf = (row) => ({ firstNumber: 1, direction: 'ltr', offset: 0, curve: 0, spacing: 1, aisles: [], exceptions: [], ...row });

/** The position after `at` others, from the corner of its section, before the section is turned. */
export function pointIn({ seats, offset, curve, spacing }, index, rowSpacing, at, aislesBefore) {
  const along = seats > 1 ? (2 * at) / (seats - 1) - 1 : 0;
  return { x: offset + spacing * (at + aislesBefore), y: rowSpacing * index + curve * (1 - along * along) };
}

/** The positions of a row from left to right: where each lies from the row's section, before that is turned, and what is printed. */
export function positionsOf(row, index, rowSpacing = 1) {
  const whole = rowOf(row);
  const { seats, firstNumber, direction, aisles, exceptions } = whole;
  const special = new Map(exceptions.map((exception) => [exception.seat, exception]));
  const isAisle = new Set(aisles);
  let aislesBefore = 0;
  return Array.from({ length: seats }, (_, at) => {
    const position = at + 1;
    if (isAisle.has(at)) aislesBefore += 1;
    return {
      position,
      column: position + aislesBefore,
      seatNumber: direction === 'rtl' ? firstNumber + seats - position : firstNumber + position - 1,
      ...pointIn(whole, index, rowSpacing, at, aislesBefore),
      kind: special.get(position)?.kind ?? 'SEAT',
      zone: special.get(position)?.zone,
    };
  });
}

/** The turn of a section: from its own coordinates to those of the plan, and back. */
export function turnOf({ x, y, angle = 0 }) {
  const cos = Math.cos(angle * RADIANS);
  const sin = Math.sin(angle * RADIANS);
  return {
    cos,
    sin,
    out: (point) => ({ x: x + point.x * cos - point.y * sin, y: y + point.x * sin + point.y * cos }),
    into: (point) => ({ x: (point.x - x) * cos + (point.y - y) * sin, y: (point.y - y) * cos - (point.x - x) * sin }),
  };
}

/** The smallest rectangle around points. */
export function boundsOf(points) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, w: right - left, h: bottom - top };
}

/** The corners of a rectangle, in turn. */
export const cornersOf = ({ x, y, w, h }) => [{ x, y }, { x: x + w, y }, { x: x + w, y: y + h }, { x, y: y + h }];

/** The plan of blocks of rows and columns, as the service makes it of a date without a seat plan. */
export function planOfBlocks(blocks) {
  const prices = [...new Set(blocks.map(({ price }) => price))];
  const widest = Math.max(...blocks.map(({ columns }) => columns));
  const counts = new Map();
  let y = 0;
  const sections = blocks.map(({ label, rows, columns, price }) => {
    const before = counts.get(label) ?? 0;
    counts.set(label, before + rows);
    const section = {
      name: label, zone: String(prices.indexOf(price) + 1), x: -(columns - 1) / 2, y,
      rows: Array.from({ length: rows }, (_, index) => ({ label: String(before + index + 1), seats: columns })),
    };
    y += rows + APART;
    return section;
  });
  return {
    stage: { x: -widest / 2, y: -6, width: widest, height: 3 },
    zones: prices.map((price, index) => ({ code: String(index + 1), name: String(price), colour: COLOURS[index % COLOURS.length] })),
    sections,
    prices: Object.fromEntries(prices.map((price, index) => [index + 1, price])),
  };
}

/** The colours of prices, and how far blocks are apart besides the distance of two rows. */
const COLOURS = ['#7b3fa0', '#c2410c', '#0f766e', '#1d4ed8', '#b91c1c', '#4d7c0f', '#a16207', '#475569'];
const APART = 1;
