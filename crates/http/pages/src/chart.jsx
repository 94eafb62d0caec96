// Charts of figures as they come in and of figures by day, drawn by uPlot.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { number, short, shortDay, timeOfDay } from './format.js';
import { useModel } from './hooks.js';
import { languages, t } from './text.js';
import { colourOf, themes } from './theme.js';

/** How many figures are shown: at one each two seconds, ten minutes. */
const FIGURES_MAX = 300;
const HEIGHT = 120;

/** Figures by the times at which they were read; nothing stands for what is not known. */
export class Series {
  times = [];
  values = [];

  add(at, value) {
    this.times.push(Math.round(at / 1000));
    this.values.push(value);
    if (this.times.length <= FIGURES_MAX) return;
    this.times.shift();
    this.values.shift();
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

/** Draws a chart with the colours of the page; both axes are labelled. */
function draw(element, { data, range, byDay }) {
  const colour = (token) => colourOf(element, token);
  const axis = { stroke: colour('--faint'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '11px system-ui' };
  const horizontal = byDay
    ? { incrs: [1, 2, 7, 14, 28, 91, 182, 364], values: (_, ticks) => ticks.map((tick) => shortDay(tick)) }
    : { values: (_, ticks) => ticks.map((tick) => timeOfDay(tick * 1000)) };
  return new uPlot({
    width: element.clientWidth || 240,
    height: HEIGHT,
    cursor: { show: false },
    legend: { show: false },
    // A line along one value stays in the middle of nothing: figures begin at zero.
    scales: { x: { time: !byDay, range }, y: { range: (_, low, high) => [0, Math.max(high ?? 0, 1) * 1.1] } },
    axes: [
      { ...axis, size: 24, space: 90, ...horizontal },
      { ...axis, size: 44, space: 28, values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? short(tick) : '')) },
    ],
    series: [{}, {
      stroke: colour('--accent'), width: byDay ? 1 : 2, fill: colour(byDay ? '--accent' : '--chart-fill'), points: { show: false }, spanGaps: false,
      paths: byDay && uPlot.paths.bars({ size: [0.7, 48] }),
    }],
  }, data, element);
}

/** A picture of `data` with its text for screen readers; it is drawn anew when `subject` or the theme changes. */
function Plot({ words, subject, ...shown }) {
  useModel(languages);
  const box = useRef();
  const chart = useRef();
  const latest = useRef(shown);
  latest.current = shown;
  useEffect(() => {
    const element = box.current;
    // The page may have been left before the browser painted it.
    if (!element) return undefined;
    const again = () => {
      chart.current?.destroy();
      chart.current = draw(element, latest.current);
    };
    again();
    const resized = new ResizeObserver(() => chart.current.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    const unsubscribe = themes.subscribe(again);
    return () => {
      resized.disconnect();
      unsubscribe();
      chart.current.destroy();
    };
  }, [subject]);
  useEffect(() => chart.current?.setData(shown.data));
  return <div class="chart" role="img" aria-label={words} ref={box} />;
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

/** A bar for each day, from the first to the last: `days` are whole days since 1970, `values` their figures. */
export function DayChart({ name, total, words, days, values }) {
  return (
    <figure class="card">
      <figcaption>{name}</figcaption>
      <strong class="large">{total}</strong>
      <Plot words={words} subject={values} data={[days, values]} range={() => [days[0] - 0.5, days.at(-1) + 0.5]} byDay />
    </figure>
  );
}
