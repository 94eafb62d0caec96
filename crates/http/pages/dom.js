// Making elements, and telling people what happened.

import { t } from './text.js';

/** Makes an element: attributes by name, handlers as `onclick`, children as nodes or text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element of a drawing. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

/** Sets attributes; `false`, `null` and `undefined` take one away. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === false || value === null || value === undefined) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : value);
  }
  return element;
}

/** Says something to those who cannot see it change. */
export function say(text) {
  document.getElementById('status').textContent = text;
}

/** A message in the page: `kind` is `error`, `good` or `note`. */
export function notice(kind, text) {
  return h('p', { class: `notice ${kind}`, role: kind === 'error' ? 'alert' : null }, text);
}

/** A labelled input. */
export function field(label, attributes, hint) {
  const input = h('input', { required: true, ...attributes });
  const about = hint && h('small', { id: `${attributes.id}-hint` }, hint);
  if (about) input.setAttribute('aria-describedby', about.id);
  return h('div', { class: 'field' }, h('label', { for: attributes.id }, label), input, about);
}

/** The headings of a table; those of `amounts` stand over figures. */
export const columns = (keys, amounts = []) => h('thead', {}, h('tr', {}, keys.map((key) => h('th', {
  scope: 'col', class: amounts.includes(key) && 'amount',
}, t(key)))));
