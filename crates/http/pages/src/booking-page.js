// The booking of a concert, from the queue to the payment: loaded when the first one is visited.

// The first script is loaded already; this import makes esbuild leave in it what several scripts need (build.mjs).
import './app.jsx';
import './booking-text.js';

export { booking } from './booking.jsx';
export { follow } from './events.js';
