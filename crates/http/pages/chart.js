// A small chart of figures as they come in.

import { h, set, svg } from './dom.js';
import { number } from './format.js';
import './staff-text.js';
import { t } from './text.js';

/** How many figures are shown: at one each two seconds, ten minutes. */
const FIGURES_MAX = 300;
const WIDTH = 240;
const HEIGHT = 60;

export class Chart {
  constructor(name) {
    this.name = name;
    this.figures = [];
    this.value = h('strong', { class: 'large' });
    this.line = svg('path', { class: 'line' });
    this.picture = svg('svg', { class: 'chart', role: 'img', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none' }, this.line);
    this.element = h('figure', { class: 'card' }, h('figcaption', {}, name), this.value, this.picture);
  }

  /** Takes in a figure; nothing if it is not known. */
  add(value) {
    this.figures.push(value);
    if (this.figures.length > FIGURES_MAX) this.figures.shift();
    const known = this.figures.filter((figure) => figure !== null);
    this.value.textContent = value === null ? t('room.unknown') : number(value);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    set(this.picture, {
      'aria-label': known.length
        ? t('room.now', { name: this.name, value: this.value.textContent, low: number(low), high: number(high) })
        : t('room.unknown'),
    });
    const step = WIDTH / Math.max(this.figures.length - 1, 1);
    const y = (figure) => HEIGHT - 3 - ((figure ?? 0) / Math.max(high, 1)) * (HEIGHT - 6);
    const points = this.figures.map((figure, index) => `${(index * step).toFixed(1)} ${y(figure).toFixed(1)}`);
    set(this.line, { d: points.length > 1 ? `M${points.join('L')}` : `M0 ${y(value)}H${WIDTH}` });
  }
}
