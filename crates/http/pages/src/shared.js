// What several scripts need besides what the first one needs itself: it is loaded with that one (build.mjs).

export { About } from './about.jsx';
export { Outcome } from './edits-outcome.jsx';
export { isManaged } from './managed-venue.js';
export { Opening, Reminder } from './opening.jsx';
export { countsOf } from './plan-counts.js';
export { planOfBlocks } from './plan-geometry.js';
export { ReasonForm } from './reason-form.jsx';
export { saveReminder } from './reminder.js';
export { rest } from './rest.js';
export { RoomState } from './room-state.jsx';
export { readPlan } from './seat-reads.js';
export { Refused } from './sign-in-again.jsx';
export { StateTag } from './state-tag.jsx';
export { addStyles } from './styles.js';
export { TaggedEdits } from './tagged-edits.js';
export { TimeToShop } from './time-to-shop.jsx';
