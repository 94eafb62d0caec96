// Draws a hall on the canvas of a seat map: the stage, sections, seats, and their names.

import { t } from './text.js';

/** The size of a drawn seat, in units. */
const SIZE = 0.78;
/** Seats closer together than this, in pixels, are drawn as one area for each section. */
const APART = 3;
/** From this distance on, in pixels, seats have round corners and taken ones are crosses. */
const SHAPED = 9;
/** From this distance on, in pixels, seats show their numbers. */
const NUMBERED = 24;
/** Names of sections and rows, in pixels. */
const NAME = 13;
const ROW = 11;
/** The right end of the names of rows that begin outside the view, in pixels. */
const EDGE = 22;

/** Draws everything that is seen. */
export function paintHall(map) {
  const { canvas, ratio, size, hall, palette: { tokens } } = map;
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = tokens.paper;
  context.fillRect(0, 0, size.w, size.h);
  const seen = map.seen();
  paintStage(context, map);
  const sections = hall.sections.filter(({ bounds }) => meets(bounds, seen));
  for (const section of sections) paintSection(context, map, section, seen);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const labels = new Labels(context, tokens);
  paintNames(map, sections, labels);
  if (map.view.scale >= APART) sections.forEach((section) => paintRowNames(map, section, seen, labels));
}

const meets = (one, other) => one.x <= other.x + other.w && one.x + one.w >= other.x && one.y <= other.y + other.h && one.y + one.h >= other.y;

function paintStage(context, map) {
  const { stage } = map.hall;
  const { tokens } = map.palette;
  const { x, y } = map.place(stage);
  const { scale } = map.view;
  const [w, h] = [stage.width * scale, stage.height * scale];
  context.fillStyle = tokens.line;
  context.beginPath();
  context.roundRect(x, y, w, h, Math.min(8, h / 3));
  context.fill();
  context.strokeStyle = tokens['line-strong'];
  context.lineWidth = 1;
  context.stroke();
  context.fillStyle = tokens.ink;
  context.font = `600 ${NAME}px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(stage.label || t('seats.stage'), x + w / 2, y + h / 2, Math.max(w, 60));
}

/** Goes on in the coordinates of a section. */
function enter(context, map, { turn: { cos, sin }, x, y }) {
  const { ratio, view: { scale } } = map;
  const at = map.place({ x, y });
  const size = scale * ratio;
  context.setTransform(size * cos, size * sin, -size * sin, size * cos, at.x * ratio, at.y * ratio);
}

function paintSection(context, map, section, seen) {
  const { view, palette, options } = map;
  const { fill } = palette.sections[section.index];
  enter(context, map, section);
  context.beginPath();
  section.shape.forEach(({ x, y }, index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
  const asArea = section.standing || view.scale < APART;
  const free = options.free(section) / section.count;
  context.globalAlpha = asArea ? 0.12 + 0.6 * free : 0.08;
  context.fillStyle = free || !asArea ? fill : palette.tokens.taken;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = fill;
  context.lineWidth = (section === map.entered ? 2.5 : 1) / view.scale;
  context.stroke();
  if (!asArea) paintSeats(context, map, section, seen);
}

function paintSeats(context, map, section, seen) {
  const { scale } = map.view;
  const painter = scale >= SHAPED ? shaped(context, map) : small(context, map);
  const around = partSeen(section, seen);
  for (const row of section.rows) {
    if (row.bottom < around.y - 1 || row.top > around.y + around.h + 1) continue;
    for (let number = row.first; number <= row.last; number += 1) {
      const seat = row.seat(number);
      if (seat.x < around.x - 1 || seat.x > around.x + around.w + 1) continue;
      painter(seat, number, seat.zone ?? section.zone, section);
    }
  }
  context.globalAlpha = 1;
}

/** The visible part, in the coordinates of a section. */
function partSeen({ turn }, { x, y, w, h }) {
  const corners = [[x, y], [x + w, y], [x, y + h], [x + w, y + h]].map(([left, top]) => turn.into({ x: left, y: top }));
  const [xs, ys] = [corners.map((corner) => corner.x), corners.map((corner) => corner.y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { x: left, y: top, w: Math.max(...xs) - left, h: Math.max(...ys) - top };
}

/** Draws seats that are too small for shapes: squares, and smaller ones for the taken. */
function small(context, map) {
  const { options: { stateOf, fits }, palette } = map;
  return (seat, number, zone) => {
    const state = stateOf(number);
    const isTaken = state === 'taken' || state === 'blocked';
    const size = isTaken ? SIZE * 0.45 : SIZE;
    context.globalAlpha = fits(number) ? 1 : 0.2;
    context.fillStyle = state === 'mine' ? palette.tokens.mine : isTaken ? palette.tokens.taken : palette.zones.get(zone).fill;
    context.fillRect(seat.x - size / 2, seat.y - size / 2, size, size);
  };
}

const SHAPES = {
  SEAT: (context, x, y) => context.roundRect(x - SIZE / 2, y - SIZE / 2, SIZE, SIZE, 0.18),
  ACCESSIBLE: (context, x, y) => context.arc(x, y, SIZE / 1.8, 0, 7),
  COMPANION: (context, x, y) => context.roundRect(x - SIZE / 2, y - SIZE / 2, SIZE, SIZE, 0.36),
  // A corner is cut off: not all of the stage is seen.
  RESTRICTED_VIEW: (context, x, y) => {
    const half = SIZE / 2;
    context.moveTo(x - half, y - half);
    context.lineTo(x + half * 0.1, y - half);
    context.lineTo(x + half, y - half * 0.1);
    context.lineTo(x + half, y + half);
    context.lineTo(x - half, y + half);
    context.closePath();
  },
};

/** Draws seats by their shapes; states differ by shape, not by colour alone. */
function shaped(context, map) {
  const { options: { stateOf, fits }, palette: { tokens, zones }, view: { scale } } = map;
  const isNumbered = scale >= NUMBERED;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  return (seat, number, zone, section) => {
    const state = stateOf(number);
    const { x, y } = seat;
    const { fill, text } = zones.get(zone);
    context.globalAlpha = fits(number) ? 1 : 0.2;
    context.beginPath();
    if (state === 'mine') {
      diamond(context, x, y, tokens);
    } else if (state === 'free') {
      SHAPES[seat.kind](context, x, y);
      context.fillStyle = fill;
      context.fill();
    } else {
      cross(context, x, y, state, tokens);
    }
    if (map.pointed?.number === number) ring(context, x, y, tokens);
    if (!isNumbered || state === 'taken' || state === 'blocked') return;
    const inside = state === 'mine' ? tokens.paper : text;
    if (seat.kind === 'ACCESSIBLE') wheelchair(context, map, section, seat, inside);
    else write(context, map, section, seat, String(seat.seatNumber), inside);
  };
}

function diamond(context, x, y, tokens) {
  const half = SIZE * 0.66;
  context.moveTo(x, y - half);
  context.lineTo(x + half, y);
  context.lineTo(x, y + half);
  context.lineTo(x - half, y);
  context.closePath();
  context.fillStyle = tokens.mine;
  context.strokeStyle = tokens.ink;
  context.lineWidth = 0.08;
  context.fill();
  context.stroke();
}

/** A cross for a taken seat, a bar for one that is not for sale. */
function cross(context, x, y, state, tokens) {
  const half = SIZE * 0.28;
  if (state === 'taken') {
    context.moveTo(x - half, y - half);
    context.lineTo(x + half, y + half);
    context.moveTo(x + half, y - half);
    context.lineTo(x - half, y + half);
  } else {
    context.moveTo(x - half, y);
    context.lineTo(x + half, y);
  }
  context.strokeStyle = tokens.taken;
  context.lineWidth = 0.14;
  context.stroke();
}

function ring(context, x, y, tokens) {
  context.beginPath();
  context.arc(x, y, SIZE * 0.72, 0, 7);
  context.strokeStyle = tokens.ink;
  context.lineWidth = 0.1;
  context.stroke();
}

/** Draws upright on the screen at a point of a section, whatever its turn. */
function upright(context, map, section, point, draw) {
  const { ratio } = map;
  context.save();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  draw(map.place(section.turn.out(point)));
  context.restore();
}

/** A short text on a seat. */
function write(context, map, section, seat, text, colour) {
  upright(context, map, section, seat, ({ x, y }) => {
    context.font = `600 ${Math.min(map.view.scale * 0.36, 14)}px system-ui, sans-serif`;
    context.fillStyle = colour;
    context.fillText(text, x, y);
  });
}

/** The sign of a place for a wheelchair: a head, a body and a wheel. */
function wheelchair(context, map, section, seat, colour) {
  const unit = Math.min(map.view.scale, 40) * 0.5;
  upright(context, map, section, seat, ({ x, y }) => {
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.lineWidth = unit * 0.12;
    context.beginPath();
    context.arc(x - unit * 0.08, y - unit * 0.42, unit * 0.12, 0, 7);
    context.fill();
    context.beginPath();
    context.moveTo(x - unit * 0.08, y - unit * 0.22);
    context.lineTo(x - unit * 0.08, y + unit * 0.08);
    context.lineTo(x + unit * 0.22, y + unit * 0.08);
    context.lineTo(x + unit * 0.36, y + unit * 0.42);
    context.stroke();
    context.beginPath();
    context.arc(x - unit * 0.08, y + unit * 0.18, unit * 0.28, 0.2 * Math.PI, 1.35 * Math.PI);
    context.stroke();
  });
}

/** Texts that keep their size and do not lie upon each other: the first one stays. */
class Labels {
  constructor(context, tokens) {
    Object.assign(this, { context, tokens, boxes: [] });
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
  }

  /** The width of a text in pixels. */
  widthOf(text, size, weight = 600) {
    this.context.font = `${weight} ${size}px system-ui, "Noto Sans CJK KR", sans-serif`;
    return this.context.measureText(text).width;
  }

  put(text, { x, y }, { size, weight = 600, align = 'center', colour = this.tokens.ink, below, isBoxed }) {
    const { context } = this;
    const w = Math.max(this.widthOf(text, size, weight), below ? context.measureText(below).width * 0.9 : 0);
    const left = { center: x - w / 2, right: x - w, left: x }[align];
    const box = { x: left - 2, y: y - size * 0.6, w: w + 4, h: size * (below ? 2.4 : 1.2) };
    if (this.boxes.some((other) => meets(box, other))) return;
    this.boxes.push(box);
    if (isBoxed) {
      context.fillStyle = this.tokens.paper;
      context.globalAlpha = 0.9;
      context.fillRect(box.x - 2, box.y - 1, box.w + 4, box.h + 2);
      context.globalAlpha = 1;
    }
    context.textAlign = align;
    context.lineWidth = 4;
    context.strokeStyle = this.tokens.paper;
    context.fillStyle = colour;
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
    if (!below) return;
    context.font = `400 ${size * 0.88}px system-ui, "Noto Sans CJK KR", sans-serif`;
    context.strokeText(below, x, y + size * 1.2);
    context.fillText(below, x, y + size * 1.2);
  }
}

/** Names of sections: within an area, and before the first row where seats are seen. */
function paintNames(map, sections, labels) {
  for (const section of sections) {
    const { name, below } = map.options.nameOf(section);
    if (section.standing || map.view.scale < APART) nameArea(map, section, name, below, labels);
    else if (name) labels.put(name, beforeRows(map, section, labels.widthOf(name, NAME)), { size: NAME });
  }
}

/** The name of an area, with what is `below` it where the area has room for both: the name of each section is more than the rest of a few. */
function nameArea(map, { bounds, middle }, name, below, labels) {
  const { scale } = map.view;
  const { x, y } = map.place(middle);
  const hasRoom = labels.widthOf(below, NAME, 400) * 0.9 <= bounds.w * scale && NAME * 2.4 <= bounds.h * scale;
  if (name && hasRoom) labels.put(name, { x, y: y - 6 }, { size: NAME, below });
  else labels.put(name || below, { x, y }, { size: NAME });
}

/** The middle of a name before the middle of the front row, as far away as the turn of its section needs. */
function beforeRows(map, { rows: [{ ends: [left, right], row: { curve } }], turn }, width) {
  const away = (width / 2) * Math.abs(turn.sin) + NAME * 0.6 * Math.abs(turn.cos) + 3;
  return map.place(turn.out({ x: (left.x + right.x) / 2, y: left.y + curve - 0.75 - away / map.view.scale }));
}

/** The point of the first seat of a row that is not beyond the edge: rows are curved. */
function atEdge(map, { turn }, row) {
  const place = (number) => map.place(turn.out(row.seat(number)));
  let [low, high] = [row.first, row.last];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (place(middle).x < EDGE) low = middle + 1;
    else high = middle;
  }
  return place(low);
}

/** Names of rows before their first seats, or at the edge of the map if these are out of sight. */
function paintRowNames(map, section, seen, labels) {
  const { view: { scale }, palette: { tokens } } = map;
  const [one, two] = section.rows;
  const apart = two ? Math.abs(two.ends[0].y - one.ends[0].y) * scale : ROW;
  const every = Math.max(1, Math.ceil((ROW * 1.15) / Math.max(apart, 0.1)));
  const around = partSeen(section, seen);
  section.rows.forEach((row, index) => {
    if (index % every || row.bottom < around.y || row.top > around.y + around.h) return;
    const [left, right] = row.ends;
    if (right.x < around.x || left.x > around.x + around.w) return;
    const start = map.place(section.turn.out({ x: left.x - 0.8, y: left.y }));
    const end = map.place(section.turn.out({ x: right.x, y: right.y }));
    const isAway = start.x < EDGE && end.x > EDGE * 2;
    const at = isAway ? { x: EDGE, y: atEdge(map, section, row).y } : { x: start.x - 3, y: start.y };
    labels.put(row.label, at, { size: ROW, weight: 500, align: 'right', colour: tokens.faint, isBoxed: isAway });
  });
}
