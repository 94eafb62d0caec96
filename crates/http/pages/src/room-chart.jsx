// Figures of a room as they come in, and their charts.

import { Plot } from './chart-page.js';
import { number } from './format.js';
import { t } from './text.js';

/** The time of which figures are shown, in seconds. */
const SECONDS_MAX = 600;
/** Figures are read again after this time at the latest, in seconds; a line has a gap where they were not. */
const GAP_MIN = 10;

/** Figures by the times at which they were read, in seconds; nothing stands for what is not known. They go on after those that were kept. */
export class Series {
  constructor({ times = [], values = [] } = {}) {
    Object.assign(this, { times, values });
  }

  add(milliseconds, value) {
    const at = Math.round(milliseconds / 1000);
    const last = this.times.at(-1);
    if (at - last > GAP_MIN) this.push(last + 1, null);
    this.push(at, value);
    const start = at - SECONDS_MAX;
    const old = this.times.findIndex((time) => time >= start);
    this.times.splice(0, old);
    this.values.splice(0, old);
  }

  push(at, value) {
    this.times.push(at);
    this.values.push(value);
  }

  get last() { return this.values.at(-1) ?? null; }
}

/** The least time that a chart shows, in seconds. */
const SPAN_MIN = 60;

/** From when to when a chart shows figures. */
function span({ times }) {
  const end = times.at(-1) ?? 0;
  return [Math.min(times[0] ?? 0, end - SPAN_MIN), end];
}

/** The last figure in large, the course of it as a picture, and both in words for screen readers. */
export function Chart({ name, series, hint }) {
  const known = series.values.filter((value) => value !== null);
  const value = series.last === null ? t('room.unknown') : number(series.last);
  const words = known.length
    ? t('room.now', { name, value, low: number(Math.min(...known)), high: number(Math.max(...known)) })
    : t('room.unknown');
  return (
    <figure class="card">
      <figcaption>{name}</figcaption>
      <strong class="large">{value}</strong>
      {hint && <small>{hint}</small>}
      <Plot words={words} subject={series} data={[series.times, series.values]} range={() => span(series)} />
    </figure>
  );
}
