// The door of a performance. Loaded when one of its pages is visited.

// The first script is loaded already; this import makes esbuild leave in it what several scripts need (build.mjs).
import './app.jsx';
import './door-text.js';
import { addStyles } from './styles.js';
import styles from './door.css';

addStyles(styles);

export { door } from './door.jsx';
export { doorDates } from './door-dates.jsx';
