// Charts of figures as they come in and of figures by day, as uPlot draws them.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { short, shortDay, timeOfDay } from './format.js';
import { useModel } from './hooks.js';
import { languages } from './text.js';
import { colourOf, themes } from './theme.js';

const HEIGHT = 120;

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
export function Plot({ words, subject, ...shown }) {
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
