// The pages of operators and organizers: one file for all, loaded when the first of them is visited.

// It is there already. That this file imports it puts all of it in one chunk (build.mjs).
import './app.jsx';
import './seat-page.js';
import './staff-text.js';

export { actions } from './actions.jsx';
export { hall } from './hall.jsx';
export { editConcert } from './edit-concert.jsx';
export { orders } from './orders.jsx';
export { addDate, organize } from './organize.jsx';
export { ownConcerts } from './own-concerts.jsx';
export { people } from './people.jsx';
export { room } from './room.jsx';
export { rooms } from './rooms.jsx';
export { sales } from './sales.jsx';
export { venue } from './venue.jsx';
export { venues } from './venues.jsx';
