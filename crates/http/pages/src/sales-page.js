// The sales of a concert with their charts. Loaded when the first of them are visited.

// The first script is loaded already; this import makes esbuild leave in it what several scripts need (build.mjs).
import './app.jsx';
import './sales-text.js';

export { sales } from './sales.jsx';
