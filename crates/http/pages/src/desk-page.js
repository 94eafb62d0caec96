// The lists of staff: rooms, orders, people, the audit log, venues and own concerts. Loaded when the first of them is visited.

// The first script is loaded already; this import makes esbuild leave in it what several scripts need (build.mjs).
import './app.jsx';
import './desk-text.js';

export { actions } from './actions.jsx';
export { hall } from './hall.jsx';
export { orders } from './orders.jsx';
export { ownConcerts } from './own-concerts.jsx';
export { people } from './people.jsx';
export { rooms } from './rooms.jsx';
export { venue } from './venue.jsx';
export { venues } from './venues.jsx';
