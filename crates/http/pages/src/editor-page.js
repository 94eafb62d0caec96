// The forms of organizers: announcing a concert, adding a date, editing a concert. Loaded when the first of them is visited.

// The first script is loaded already; this import makes esbuild leave in it what several scripts need (build.mjs).
import './app.jsx';
import './editor-text.js';

export { editConcert } from './edit-concert.jsx';
export { addDate, organize } from './organize.jsx';
