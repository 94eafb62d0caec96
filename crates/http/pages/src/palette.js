// The colours of a seat map in the theme of the page, also where the device has colours of its own (forced colours).

import { colourOf, forcedColours } from './theme.js';

/** The least contrast of a seat with its ground (WCAG 1.4.11). */
const CONTRAST = 3;

const TOKENS = ['paper', 'ink', 'faint', 'line', 'line-strong', 'accent', 'taken', 'mine', 'map-free'];

const parts = (colour) => (colour.startsWith('#')
  ? [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  : colour.match(/[\d.]+/g).slice(0, 3).map(Number));

/** The relative luminance of a colour (WCAG 2). */
function luminance(rgb) {
  const [r, g, b] = rgb.map((part) => (part <= 10 ? part / 3295 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** A colour of a plan, made darker or lighter until it can be told from the ground. */
function visible(colour, ground) {
  const target = luminance(ground) > 0.4 ? 0 : 255;
  let rgb = parts(colour);
  for (let step = 0; step < 12 && contrast(rgb, ground) < CONTRAST; step += 1) rgb = rgb.map((part) => part + (target - part) * 0.15);
  return rgb;
}

const css = (rgb) => `rgb(${rgb.map(Math.round).join(' ')})`;

export class Palette {
  constructor(hall) {
    const probe = document.getElementById('status');
    this.tokens = Object.fromEntries(TOKENS.map((name) => [name, colourOf(probe, `--${name}`)]));
    const ground = parts(this.tokens.paper);
    const ofPlan = (colour) => {
      if (forcedColours.matches) return { fill: this.tokens['map-free'], text: this.tokens.paper };
      const rgb = visible(colour, ground);
      return { fill: css(rgb), text: contrast(rgb, [255, 255, 255]) >= 4.5 ? '#fff' : '#000' };
    };
    this.zones = new Map(hall.zones.map(({ code, colour }) => [code, ofPlan(colour)]));
    this.sections = hall.sections.map(({ colour, zone }) => (colour ? ofPlan(colour) : this.zones.get(zone)));
  }
}
