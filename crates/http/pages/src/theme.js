// Light or dark: as the device has it, until the user chooses.

import { Model } from './model.js';

const KEY = 'stagedoor:theme';
const THEMES = ['auto', 'light', 'dark'];

/** The chosen theme: `auto`, `light` or `dark`. */
export function theme() {
  const kept = localStorage.getItem(KEY);
  return THEMES.includes(kept) ? kept : 'auto';
}

/** Changes when the theme does, by the user or by the device. */
export const themes = new Model();
/** Whether the device replaces the colours of pages with its own. */
export const forcedColours = matchMedia('(forced-colors: active)');
for (const query of [matchMedia('(prefers-color-scheme: dark)'), forcedColours]) query.addEventListener('change', () => themes.changed());

/** Shows the chosen theme. */
export function applyTheme() {
  const chosen = theme();
  if (chosen === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  themes.changed();
}

/** The colour that a token, such as `--accent`, has within an element now. */
export function colourOf(element, token) {
  element.style.color = `var(${token})`;
  const { color } = getComputedStyle(element);
  element.style.color = '';
  return color;
}

/** Chooses the next theme, and keeps it. */
export function switchTheme() {
  localStorage.setItem(KEY, THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
  applyTheme();
}
