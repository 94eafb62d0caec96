// Choosing seats: loaded when a user is admitted, and by the pages of staff that show a seat map.

// It is there already. That this file imports it keeps what both need in the first chunk (build.mjs).
import './app.jsx';

export { SeatPlan } from './seat-plan.jsx';
export { SeatStates } from './seat-states.js';
export { Hall } from './seating.js';
export { Seats } from './seats.jsx';
export { SeatChoice } from './seats-model.js';
