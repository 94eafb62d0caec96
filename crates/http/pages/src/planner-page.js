// The editor of seat plans: a file of its own, loaded when it is visited.

// It is there already. That this file imports it puts all of it in one chunk (build.mjs).
import './app.jsx';
import './seat-page.js';
import './planner-text.js';

export { planner } from './planner.jsx';
