// A date as staff manage it: its seat map and its terms. Loaded when they are asked for.

// The first script is loaded already; this import makes esbuild leave in it what several scripts need (build.mjs).
import './app.jsx';
import './managed-text.js';

export { DateControls } from './date-controls.js';
export { ManagedDate } from './managed-date.jsx';
export { ManagedSeats } from './managed-seats.js';
export { ManagedSeatsView } from './managed-seats.jsx';
