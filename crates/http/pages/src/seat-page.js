// The seat map and the choice of seats: loaded when a user is admitted, and by pages of staff that show a map.

// The first script is loaded already; this import makes esbuild leave in it what several scripts need (build.mjs).
import './app.jsx';
import './seat-text.js';

export { SeatPlan } from './seat-plan.jsx';
export { SeatSelection } from './seat-selection.js';
export { FREE, NOT_FOR_SALE, SOLD, SeatStates } from './seat-states.js';
export { runsOf } from './seat-words.js';
export { Hall } from './seating.js';
export { Seats, Trouble } from './seats.jsx';
export { SeatChoice } from './seats-model.js';
