// A waiting room with the charts of its figures. Loaded when the first one is visited.

// The first script is loaded already; this import makes esbuild leave in it what several scripts need (build.mjs).
import './app.jsx';
import './room-text.js';

export { room } from './room.jsx';
