// The editor of seat plans: a file of its own, loaded when it is visited.

// The first script is loaded already; this import makes esbuild leave in it what several scripts need (build.mjs).
import './app.jsx';
import './planner-text.js';
import styles from './planner.css';
import { addStyles } from './styles.js';

addStyles(styles);

export { planner } from './planner.jsx';
