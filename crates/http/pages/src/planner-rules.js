// The API's rules for seat plans (docs/seat-plans.md), checked while a plan is edited. What was checked is not checked again until it changes.

import { countsOf, remembering } from './plan-counts.js';

export const PLACES_MAX = 50_000;
export const SECTIONS_MAX = 200;
export const ZONES_MAX = 20;
const ROWS_MAX = 500;

const COORDINATE = { low: -100_000, high: 100_000, kind: 'number' };
const SIZE = { ...COORDINATE, low: 0 };
const SPACING = { low: 0, high: 100, kind: 'aboveZero' };

/** The fields that are numbers, with their bounds and their defaults. */
export const NUMBERS = {
  stage: { x: COORDINATE, y: COORDINATE, width: SIZE, height: SIZE },
  section: { x: COORDINATE, y: COORDINATE, angle: { low: -360, high: 360, kind: 'number', usual: 0 }, rowSpacing: { ...SPACING, usual: 1 } },
  standing: { capacity: { low: 1, high: PLACES_MAX, kind: 'whole' }, width: SIZE, height: SIZE },
  row: {
    seats: { low: 1, high: 500, kind: 'whole' },
    firstNumber: { low: 0, high: 9_999, kind: 'whole', usual: 1 },
    offset: { ...COORDINATE, usual: 0 },
    curve: { low: -100, high: 100, kind: 'number', usual: 0 },
    spacing: { ...SPACING, usual: 1 },
  },
  /** The form that makes rows. */
  bulk: {
    count: { low: 1, high: ROWS_MAX, kind: 'whole' },
    seats: { low: 1, high: 500, kind: 'whole' },
    grow: { low: -50, high: 50, kind: 'whole' },
    firstNumber: { low: 0, high: 9_999, kind: 'whole' },
    curve: { low: -100, high: 100, kind: 'number' },
  },
};

/** The fields that are texts, with the least and the most characters. */
export const TEXTS = { stageLabel: [0, 40], zoneCode: [1, 20], zoneName: [1, 60], sectionName: [1, 40], rowLabel: [1, 10] };

/** The rule that a number breaks: the key of its text, and its bounds. */
export function brokenByNumber(value, { low, high, kind }) {
  const isWithin = Number.isFinite(value) && value >= low && value <= high;
  const isRight = { whole: Number.isInteger(value), number: true, aboveZero: Math.round(value * 1000) > 0 }[kind];
  return isWithin && isRight ? undefined : { rule: `rules.${kind}`, values: { low, high } };
}

/** The rule that a text breaks. */
export function brokenByText(text, [low, high]) {
  const { length } = [...(text ?? '').trim()];
  return length >= low && length <= high && !/[\u0000-\u001f\u007f-\u009f]/.test(text) ? undefined : { rule: 'rules.length', values: { low, high } };
}

const found = (path, broken) => (broken ? [{ path, ...broken }] : []);

const numbersOf = (item, bounds) => Object.entries(bounds).flatMap(([name, bound]) => found(name, brokenByNumber(item[name] ?? bound.usual, bound)));

const DISTINCT = { rule: 'rules.distinct' };
const ZONE = { rule: 'rules.zone' };

/** The indices of texts that occur earlier in the list. */
function repeated(texts) {
  const first = new Set();
  return texts.flatMap((text, index) => {
    const isRepeated = first.has(text?.trim());
    first.add(text?.trim());
    return isRepeated ? [index] : [];
  });
}

const within = (problems, path) => problems.map((problem) => ({ ...problem, path: `${path}.${problem.path}` }));

const checkRow = remembering((row, codes) => [
  ...found('label', brokenByText(row.label, TEXTS.rowLabel)),
  ...numbersOf(row, NUMBERS.row),
  ...(row.exceptions ?? []).flatMap(({ zone }, index) => found(`exceptions[${index}].zone`, zone !== undefined && !codes.has(zone) && ZONE)),
]);

function checkRows(rows, codes) {
  const count = rows.length >= 1 && rows.length <= ROWS_MAX ? undefined : { rule: 'rules.items', values: { low: 1, high: ROWS_MAX } };
  return [
    ...found('rows', count),
    ...rows.flatMap((row, index) => {
      const problems = checkRow(row, codes);
      return problems.length ? within(problems, `rows[${index}]`) : problems;
    }),
    ...repeated(rows.map(({ label }) => label)).map((index) => ({ path: `rows[${index}].label`, ...DISTINCT })),
  ];
}

const checkSection = remembering((section, codes) => [
  ...found('name', brokenByText(section.name, TEXTS.sectionName)),
  ...found('zone', !codes.has(section.zone) && ZONE),
  ...numbersOf(section, NUMBERS.section),
  ...(section.standing ? within(numbersOf(section.standing, NUMBERS.standing), 'standing') : checkRows(section.rows, codes)),
]);

const checkZone = (zone) => [...found('code', brokenByText(zone.code, TEXTS.zoneCode)), ...found('name', brokenByText(zone.name, TEXTS.zoneName))];

/** The codes of zones as one set for as long as they are the same. */
const codesOf = remembering((zones) => new Set(zones.map(({ code }) => code)));

const countOf = (list, most) => (list.length >= 1 && list.length <= most ? undefined : { rule: 'rules.items', values: { low: 1, high: most } });

/** The faults of a plan: the path of each value with the rule that it breaks, as the API names them. */
export const problemsOf = remembering((plan) => {
  const { stage, zones, sections } = plan;
  const codes = codesOf(zones);
  const { total } = countsOf(plan);
  const places = total >= 1 && total <= PLACES_MAX ? undefined : { rule: 'rules.seats', values: { low: 1, high: PLACES_MAX } };
  return [
    ...within([...found('label', brokenByText(stage.label, TEXTS.stageLabel)), ...numbersOf(stage, NUMBERS.stage)], 'stage'),
    ...found('zones', countOf(zones, ZONES_MAX)),
    ...zones.flatMap((zone, index) => within(checkZone(zone), `zones[${index}]`)),
    ...repeated(zones.map(({ code }) => code)).map((index) => ({ path: `zones[${index}].code`, ...DISTINCT })),
    ...found('sections', countOf(sections, SECTIONS_MAX)),
    ...sections.flatMap((section, index) => within(checkSection(section, codes), `sections[${index}]`)),
    ...repeated(sections.map(({ name }) => name)).map((index) => ({ path: `sections[${index}].name`, ...DISTINCT })),
    ...(sections.length ? found('sections', places) : []),
  ];
});
