// A concert: loaded when the first one is visited.

// The first script is loaded already; this import makes esbuild leave in it what several scripts need (build.mjs).
import './app.jsx';
import './concert-text.js';

export { concert } from './concert.jsx';
