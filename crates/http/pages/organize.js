// Announcing a concert with its dates and seats.

import { go } from './app.js';
import { post } from './api.js';
import { field, h, notice } from './dom.js';
import { form } from './form.js';
import { number, timeZone, zoneName } from './format.js';
import { instantOf, localTime } from './local-time.js';
import { SeatMap } from './seat-map.js';
import './staff-text.js';
import { t } from './text.js';

const HOUR = 3_600_000;

const instant = (id, key, time) => field(t(key), { id, type: 'datetime-local', value: localTime(time) });
const whole = (id, key, value, max) => field(t(key), { id, type: 'number', min: 1, max, step: 1, inputmode: 'numeric', value });

/** A part of the form that can be added and removed; `values` reads what is in it. */
class Parts {
  constructor(legend, add, make) {
    this.parts = [];
    this.list = h('div');
    this.legend = legend;
    this.make = make;
    this.count = 0;
    this.element = h('div', {}, this.list, h('button', { type: 'button', onclick: () => this.add() }, t(add)));
  }

  add() {
    this.count += 1;
    const made = this.make(this.count);
    const element = h('fieldset', { class: 'card' }, h('legend', {}, t(this.legend, { n: this.count })), ...made.fields);
    const part = { ...made, element };
    if (this.parts.length) {
      element.append(h('button', { type: 'button', class: 'plain', onclick: () => this.remove(part) }, t('organize.remove')));
    }
    this.parts.push(part);
    this.list.append(element);
  }

  remove(part) {
    this.parts = this.parts.filter((own) => own !== part);
    part.element.remove();
    this.list.dispatchEvent(new Event('input', { bubbles: true }));
  }

  values() { return this.parts.map((part) => part.values()); }
}

const input = (id) => document.getElementById(id);

/** The instant that an input shows, in the service's zone. */
function time(id) {
  const instant = instantOf(input(id).value);
  const label = document.querySelector(`label[for=${id}]`).textContent;
  if (!instant) throw new Error(t('organize.skipped', { field: label, zone: zoneName() }));
  return instant.toISOString();
}

function aDate(n) {
  const start = Math.ceil(Date.now() / HOUR) * HOUR + n * 7 * 24 * HOUR;
  const names = ['startsAt', 'endsAt', 'opensAt', 'closesAt'];
  const times = [start, start + 2 * HOUR, Date.now(), start];
  return {
    fields: [
      ...names.map((name, index) => instant(`${name}-${n}`, `organize.${name}`, times[index])),
      field(t('organize.cancelsUntil'), { id: `cancelsUntil-${n}`, type: 'datetime-local', required: false, value: localTime(start - 24 * HOUR) }),
    ],
    values: () => ({
      startsAt: time(`startsAt-${n}`), endsAt: time(`endsAt-${n}`),
      bookingOpensAt: time(`opensAt-${n}`), bookingClosesAt: time(`closesAt-${n}`),
      cancellationClosesAt: input(`cancelsUntil-${n}`).value ? time(`cancelsUntil-${n}`) : null,
    }),
  };
}

function aSection(n) {
  return {
    fields: [
      field(t('organize.label'), { id: `label-${n}`, maxlength: 40, required: false, value: '' }),
      whole(`rows-${n}`, 'organize.rows', 5, 50_000),
      whole(`columns-${n}`, 'organize.columns', 10, 50_000),
      whole(`price-${n}`, 'organize.price', 10_000),
    ],
    values: () => ({
      label: input(`label-${n}`).value,
      rows: Number(input(`rows-${n}`).value),
      columns: Number(input(`columns-${n}`).value),
      price: Number(input(`price-${n}`).value),
    }),
  };
}

/** The most seats of a date. */
const SEATS_MAX = 50_000;

/** How many seats the sections have. */
const countOf = (sections) => sections.reduce((sum, { rows, columns }) => sum + rows * columns, 0);

/** The seats of sections, numbered row by row. */
function seatsOf(sections) {
  const seats = [];
  let row = 0;
  for (const { rows, columns, label, price } of sections) {
    for (let r = 0; r < rows; r += 1) {
      row += 1;
      for (let column = 1; column <= columns; column += 1) {
        seats.push({ number: seats.length + 1, row, column, label, price, status: 'FREE' });
      }
    }
  }
  return seats;
}

export default function page({ main }) {
  const dates = new Parts('organize.date', 'organize.addDate', aDate);
  const sections = new Parts('organize.section', 'organize.addSection', aSection);
  const preview = h('section');

  const announce = async ({ title, description }) => {
    const seatMap = sections.values();
    const schedules = dates.values().map((date) => ({ ...date, seatMap }));
    const concert = await post('/concerts', { title, description, schedules });
    await go(`/pages/concerts/${concert.id}`);
  };
  const name = field(t('organize.name'), { id: 'title', name: 'title', maxlength: 200 });
  const description = h('div', { class: 'field' },
    h('label', { for: 'description' }, t('organize.description')),
    h('textarea', { id: 'description', name: 'description', maxlength: 2000, rows: 4 }));
  const whole = form(announce, t('organize.submit'), [name, description,
    h('h2', {}, t('organize.dates')),
    h('p', { class: 'quiet' }, t('organize.zone', { zone: zoneName(), name: timeZone })), dates.element,
    h('h2', {}, t('organize.sections')), sections.element, preview]);
  main.replaceChildren(h('h1', {}, t('organize.title')), whole);
  dates.add();
  sections.add();

  const show = () => {
    const values = sections.values();
    const count = countOf(values);
    const fits = count > 0 && count <= SEATS_MAX;
    preview.replaceChildren(
      h('h3', {}, t('organize.preview', { n: number(count) })),
      ...(count > SEATS_MAX ? [notice('error', t('organize.tooMany', { max: number(SEATS_MAX) }))] : []),
      ...(fits ? [new SeatMap(seatsOf(values), () => {}).element, h('p', { id: 'seats-help', class: 'quiet' }, t('seats.look'))] : []),
    );
  };
  sections.element.addEventListener('input', show);
  sections.element.addEventListener('click', show);
  show();
}
