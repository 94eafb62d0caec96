// Draws a seat plan that is edited. Far away a row is a line; near by its seats are drawn, but only those in sight.

import { outlineOf, seatsOf } from './planner-edit.js';
import { turnOf } from './plan-geometry.js';
import { printedNumber } from './planner-commands.js';
import { colourOf, forcedColours } from './theme.js';

/** The size of a seat, in units. */
const SIZE = 0.78;
/** From how many pixels a unit on seats, labels of rows and printed numbers are drawn. */
const SEATS_FROM = 6;
const LABELS_FROM = 8;
const NUMBERS_FROM = 20;
/** From how many pixels of height on a section has its name. */
const NAME_FROM = 12;

/** Black or white, whichever is easier to read on a colour. */
function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return (r * 299 + g * 587 + b * 114) / 1000 > 140 ? '#000' : '#fff';
}

/** The shapes of the kinds of seats, around the point 0, 0. */
const SHAPES = {
  SEAT: (context) => context.roundRect(-SIZE / 2, -SIZE / 2, SIZE, SIZE, 0.18),
  ACCESSIBLE: (context) => context.arc(0, 0, SIZE / 2 + 0.04, 0, 2 * Math.PI),
  COMPANION: (context) => { context.moveTo(0, -0.46); context.lineTo(0.46, 0); context.lineTo(0, 0.46); context.lineTo(-0.46, 0); context.closePath(); },
  RESTRICTED_VIEW: (context) => { context.moveTo(-SIZE / 2, -SIZE / 2); context.lineTo(SIZE / 2, -SIZE / 2); context.lineTo(0, SIZE / 2); context.closePath(); },
  ABSENT: (context) => { context.moveTo(-0.2, -0.2); context.lineTo(0.2, 0.2); context.moveTo(0.2, -0.2); context.lineTo(-0.2, 0.2); },
};
const MARKS = { ACCESSIBLE: 'A', COMPANION: 'C', RESTRICTED_VIEW: 'R' };

/** The colours of the page now. */
const inksOf = (canvas) => Object.fromEntries(['ink', 'faint', 'line', 'paper', 'accent', 'hover', 'map-free'].map((name) => [name, colourOf(canvas, `--${name}`)]));

/** The colours of places: those of the plan, or one of the device where it has colours of its own. */
function fillsOf({ zones }, inks) {
  if (forcedColours.matches) return { fillOf: () => inks['map-free'], onFill: () => inks.paper };
  const known = new Map(zones.map(({ code, colour }) => [code, colour]));
  const fillOf = (section, zone) => (section.colour && !zone ? section.colour : known.get(zone || section.zone) ?? inks.faint);
  return { fillOf, onFill: inkOn };
}

/** Draws the plan of a `PlanCanvas`. */
export function paintPlan(drawing) {
  const { canvas, context, view, model } = drawing;
  const ratio = devicePixelRatio;
  const inks = inksOf(canvas);
  const scale = view.scale * ratio;
  const base = [scale, 0, 0, scale, -view.x * scale, -view.y * scale];
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(...base);
  const painter = { context, view, model, inks, base, ...fillsOf(model.plan, inks) };
  paintStage(painter);
  model.plan.sections.forEach((section, index) => { if (drawing.isSeen(section)) paintSection(painter, section, index); });
  paintSelection(painter, drawing);
}

function paintStage({ context, view, model, inks }) {
  const { x, y, width, height, label } = model.plan.stage;
  context.fillStyle = inks.line;
  context.fillRect(x, y, width, height);
  Object.assign(context, { strokeStyle: inks.faint, lineWidth: 1 / view.scale });
  context.strokeRect(x, y, width, height);
  write({ context, view }, label, { x: x + width / 2, y: y + height / 2 }, { size: 14, colour: inks.ink, room: width });
}

/** Writes a text around a point, as large as `size` pixels and not wider than the room. */
function write({ context, view }, text, { x, y }, { size, colour, room = Infinity, weight = 600, align = 'center' }) {
  if (!text) return;
  context.font = `${weight} ${size / view.scale}px system-ui, sans-serif`;
  if (context.measureText(text).width > room) return;
  Object.assign(context, { textAlign: align, textBaseline: 'middle', fillStyle: colour });
  context.fillText(text, x, y);
}

function paintSection(painter, section, index) {
  const { context, view, base, model, inks } = painter;
  const { cos, sin } = turnOf(section);
  context.save();
  context.transform(cos, sin, -sin, cos, section.x, section.y);
  if (section.standing) paintArea(painter, section);
  else if (view.scale < SEATS_FROM) paintLines(painter, section);
  else paintSeats(painter, section);
  context.restore();
  context.setTransform(...base);
  if (model.section === index && view.scale >= LABELS_FROM) return;
  const corners = outlineOf(section);
  const high = Math.max(...corners.map(({ y }) => y)) - Math.min(...corners.map(({ y }) => y));
  if (high * view.scale < NAME_FROM) return;
  const middle = { x: (corners[0].x + corners[2].x) / 2, y: (corners[0].y + corners[2].y) / 2 };
  label(painter, section.name, middle, inks);
}

/** A name on a ground that makes it readable above seats. */
function label({ context, view }, text, { x, y }, inks) {
  const size = 13 / view.scale;
  context.font = `700 ${size}px system-ui, sans-serif`;
  const { width } = context.measureText(text);
  context.globalAlpha = 0.85;
  context.fillStyle = inks.paper;
  context.beginPath();
  context.roundRect(x - width / 2 - size / 2, y - size * 0.75, width + size, size * 1.5, size / 2);
  context.fill();
  context.globalAlpha = 1;
  write({ context, view }, text, { x, y }, { size: 13, colour: inks.ink, weight: 700 });
}

function paintArea({ context, fillOf, inks, view }, section) {
  const { capacity, width, height } = section.standing;
  context.fillStyle = fillOf(section);
  context.globalAlpha = 0.35;
  context.fillRect(0, 0, width, height);
  context.globalAlpha = 1;
  context.strokeStyle = context.fillStyle;
  context.lineWidth = 2 / view.scale;
  context.strokeRect(0, 0, width, height);
  write({ context, view }, String(capacity), { x: width / 2, y: Math.min(height * 0.85, height / 2 + 20 / view.scale) }, { size: 12, colour: inks.ink, room: width });
}

const linesKnown = new WeakMap();

/** The rows of a section as lines between aisles and empty positions, by the code of the zone that seats have of their own; an empty code for that of the section. */
function linesOf(section) {
  const rows = seatsOf(section);
  const known = linesKnown.get(rows);
  if (known) return known;
  const lines = new Map();
  for (const { seats } of rows) addLines(lines, seats);
  linesKnown.set(rows, lines);
  return lines;
}

function addLines(lines, seats) {
  let before;
  for (const { x, y, kind, column, zone = '' } of seats) {
    if (kind === 'ABSENT') {
      before = undefined;
      continue;
    }
    if (!lines.has(zone)) lines.set(zone, new Path2D());
    const path = lines.get(zone);
    if (before?.zone !== zone || column !== before.column + 1) path.moveTo(x - SIZE / 2, y);
    path.lineTo(x + SIZE / 2, y);
    before = { zone, column };
  }
}

function paintLines({ context, fillOf }, section) {
  context.lineWidth = SIZE;
  for (const [zone, path] of linesOf(section)) {
    context.strokeStyle = fillOf(section, zone);
    context.stroke(path);
  }
}

/** A row's seats that are in sight, each with the shape of its kind; labels and numbers where there is room for them. */
function paintSeats(painter, section) {
  const { context, view } = painter;
  const seen = seenFrom(painter, section);
  seatsOf(section).forEach(({ seats, bounds }, index) => {
    if (bounds.y + bounds.h < seen.y - 1 || bounds.y > seen.y + seen.h + 1) return;
    const row = section.rows[index];
    for (const seat of seats) {
      if (seat.x < seen.x - 1 || seat.x > seen.x + seen.w + 1) continue;
      paintSeat(painter, section, seat, row);
    }
    if (view.scale >= LABELS_FROM) {
      write(painter, row.label, { x: seats[0].x - 0.8, y: seats[0].y }, { size: Math.min(11, view.scale * 0.8), colour: painter.inks.faint, align: 'right' });
    }
  });
  context.globalAlpha = 1;
}

/** The visible part, in a section's own coordinates. */
function seenFrom({ context, view }, section) {
  const { into } = turnOf(section);
  const { width, height } = context.canvas;
  const [w, h] = [width / devicePixelRatio / view.scale, height / devicePixelRatio / view.scale];
  const corners = [[0, 0], [w, 0], [w, h], [0, h]].map(([x, y]) => into({ x: view.x + x, y: view.y + y }));
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y };
}

function paintSeat(painter, section, { x, y, kind, zone, position }, row) {
  const { context, view, inks, fillOf, onFill } = painter;
  const colour = fillOf(section, zone);
  context.translate(x, y);
  context.beginPath();
  SHAPES[kind](context);
  if (kind === 'ABSENT') {
    Object.assign(context, { strokeStyle: inks.faint, lineWidth: 1.2 / view.scale });
    context.stroke();
  } else {
    context.fillStyle = colour;
    context.fill();
    if (view.scale >= NUMBERS_FROM) {
      const mark = MARKS[kind] ?? String(printedNumber(row, position));
      write(painter, mark, { x: 0, y: kind === 'RESTRICTED_VIEW' ? -0.12 : 0 }, { size: Math.min(view.scale * 0.38, 13), colour: onFill(colour) });
    }
  }
  context.translate(-x, -y);
}

/** The selection: sections with frames, seats with rings, and the handle that turns a section. */
function paintSelection(painter, drawing) {
  const { context, view, inks } = painter;
  const { model } = drawing;
  const { selection, plan } = model;
  Object.assign(context, { strokeStyle: inks.accent, lineWidth: 2 / view.scale });
  if (selection.what === 'stage') context.strokeRect(plan.stage.x, plan.stage.y, plan.stage.width, plan.stage.height);
  if (selection.what === 'sections') selection.sections.forEach((index) => frame(context, outlineOf(plan.sections[index])));
  if (selection.what === 'rows' || selection.what === 'seats') paintRange(painter, model);
  const handle = drawing.handle();
  if (!handle || model.tool !== 'move') return;
  context.beginPath();
  context.arc(handle.at.x, handle.at.y, 7 / view.scale, 0, 2 * Math.PI);
  context.fillStyle = inks.paper;
  context.fill();
  context.stroke();
}

function frame(context, corners) {
  context.beginPath();
  corners.forEach(({ x, y }) => context.lineTo(x, y));
  context.closePath();
  context.stroke();
}

/** Rings around the selected seats, in the page's ink so that they are seen on every colour. */
function paintRange({ context, view, inks, base }, { plan, selection, range }) {
  const section = plan.sections[range.section];
  const { cos, sin } = turnOf(section);
  frame(context, outlineOf(section));
  context.transform(cos, sin, -sin, cos, section.x, section.y);
  Object.assign(context, { strokeStyle: inks.ink, lineWidth: 2 / view.scale });
  context.beginPath();
  const rows = seatsOf(section);
  for (let row = range.row; row <= range.rowTo; row += 1) {
    const { seats } = rows[row];
    const [from, to] = selection.what === 'rows' ? [1, seats.length] : [range.seat, Math.min(range.seatTo, seats.length)];
    for (let seat = from; seat <= to; seat += 1) {
      const { x, y } = seats[seat - 1];
      context.rect(x - 0.48, y - 0.48, 0.96, 0.96);
    }
  }
  context.stroke();
  context.setTransform(...base);
}
