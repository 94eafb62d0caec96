// What draws charts. Loaded with the pages that have them.

// The first script is loaded already; this import makes esbuild leave in it what several scripts need (build.mjs).
import './app.jsx';
import styles from './chart.css';
import { addStyles } from './styles.js';

addStyles(styles);

export { Plot } from './chart.jsx';
