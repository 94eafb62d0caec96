// A seat plan that is being edited: the document, what is selected in it, and all steps that can be undone.

import { get, now, put } from './api.js';
import { Model } from './model.js';
import { countsOf } from './plan-counts.js';
import { dropDraft, keepDraft, keptDraft } from './planner-draft.js';
import { problemsOf } from './planner-rules.js';

/** Changes of the same value within this time are one step, in milliseconds. */
const MERGE = 1_000;
/** The delay between a change and the saving of its draft, in milliseconds. */
const KEEP_AFTER = 300;
/** About how many bytes all steps that can be undone may take. Plans share what did not change, so that most steps take some hundred. */
const STEPS_BYTES_MAX = 64 * 1024 * 1024;

export const NOTHING = { what: 'plan' };
/** The beginning of the names of changes that are one step of undo, however long they take. */
export const DRAG = 'drag ';

/** A plan as a text that does not depend on the order of its fields. */
const textOf = (plan) => JSON.stringify(plan, (_, part) => (part?.constructor === Object ? Object.fromEntries(Object.entries(part).sort()) : part));

/** About how many bytes a plan takes beyond another one. */
function bytesBeyond(plan, before) {
  const known = new Set(before.sections);
  let bytes = 400 + 8 * plan.sections.length;
  for (const section of plan.sections.filter((own) => !known.has(own))) {
    const twin = before.sections.find(({ name }) => name === section.name);
    const rows = new Set(twin?.rows);
    bytes += 200 + 8 * (section.rows?.length ?? 0);
    for (const row of section.rows ?? []) if (!rows.has(row)) bytes += 160 + 64 * (row.exceptions?.length ?? 0);
  }
  return bytes;
}

export class Planner extends Model {
  /** `move` or `seats`: what the pointer does with the drawing. */
  tool = 'move';
  /** The kind that the pointer gives to seats; none if it only selects them. */
  brush = '';
  undone = [];
  done = [];
  bytes = 0;

  /** `plan` is that of `version`; a draft of this user goes before it. */
  constructor({ hall, version, plan, userId }) {
    super();
    const draft = keptDraft(userId, hall.id);
    Object.assign(this, { hall, userId, saved: plan, version: draft?.version ?? version, asked: version });
    this.plan = draft?.plan ?? plan;
    this.restored = draft?.at;
    this.selection = NOTHING;
  }

  get problems() { return problemsOf(this.plan); }

  get counts() { return countsOf(this.plan); }

  /** Whether there is something to be saved. */
  get isChanged() { return this.plan !== this.saved; }

  // Steps.

  /** Becomes another plan; `merge` names the value that changes, so that typing it is one step. */
  change(plan, { selection = this.selection, merge } = {}) {
    if (plan === this.plan) return;
    const last = this.done.at(-1);
    const isSame = merge && last?.merge === merge && (merge.startsWith(DRAG) || Date.now() - last.at < MERGE);
    if (isSame) last.at = Date.now();
    else this.remember({ plan: this.plan, selection: this.selection, merge, at: Date.now(), bytes: bytesBeyond(plan, this.plan) });
    this.undone = [];
    this.become(plan, selection);
  }

  remember(step) {
    this.done.push(step);
    this.bytes += step.bytes;
    while (this.bytes > STEPS_BYTES_MAX && this.done.length > 1) this.bytes -= this.done.shift().bytes;
  }

  become(plan, selection) {
    Object.assign(this, { plan, selection, refused: undefined, outcome: undefined });
    this.keepSoon();
    this.changed();
  }

  /** Ends a step, so that the next change is one of its own. */
  endStep() {
    const last = this.done.at(-1);
    if (last) last.merge = undefined;
  }

  get canUndo() { return this.done.length > 0; }

  get canRedo() { return this.undone.length > 0; }

  undo() {
    const step = this.done.pop();
    if (!step) return;
    this.bytes -= step.bytes;
    this.undone.push({ ...step, plan: this.plan, selection: this.selection, merge: undefined });
    this.become(step.plan, step.selection);
  }

  redo() {
    const step = this.undone.pop();
    if (!step) return;
    this.remember({ ...step, plan: this.plan, selection: this.selection });
    this.become(step.plan, step.selection);
  }

  // The selection: `{ what: 'plan' | 'stage' }`, `{ what: 'sections', sections }` with the one that was selected last at the end,
  // `{ what: 'rows', section, row, rowTo }`, or `{ what: 'seats', section, row, seat, rowTo, seatTo }`.

  select(selection) {
    this.selection = selection;
    this.endStep();
    this.changed();
  }

  /** The section that is selected, or whose rows or seats are; the last one of several. */
  get section() {
    const { what, section, sections } = this.selection;
    return what === 'sections' ? sections.at(-1) : section;
  }

  /** The selected rows or seats with the lower bounds first. */
  get range() {
    const { section, row, rowTo, seat, seatTo } = this.selection;
    const [low, high] = [Math.min(row, rowTo), Math.max(row, rowTo)];
    return { section, row: low, rowTo: high, seat: Math.min(seat, seatTo), seatTo: Math.max(seat, seatTo) };
  }

  /** Adds a section to the selected ones, or takes it out. */
  toggleSection(index) {
    const known = this.selection.what === 'sections' ? this.selection.sections : [];
    const sections = known.includes(index) ? known.filter((other) => other !== index) : [...known, index];
    this.select(sections.length ? { what: 'sections', sections } : NOTHING);
  }

  use(tool, brush = this.brush) {
    Object.assign(this, { tool, brush });
    this.changed();
  }

  // The draft, and saving.

  keepSoon() {
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.keep(), KEEP_AFTER);
  }

  /** Keeps what is not saved in the browser. */
  keep() {
    clearTimeout(this.keeping);
    this.keeping = undefined;
    if (!this.isChanged) dropDraft(this.userId, this.hall.id);
    else this.noteKept(keepDraft(this.userId, this.hall.id, { plan: this.plan, version: this.version, at: now() }));
  }

  noteKept(isKept) {
    if (this.isUnkept === !isKept) return;
    this.isUnkept = !isKept;
    this.changed();
  }

  /** Keeps what is not saved at once, while the page is shown, until the function that this answers is called. */
  keepOnLeaving() {
    const keep = () => { if (this.keeping) this.keep(); };
    addEventListener('pagehide', keep);
    document.addEventListener('visibilitychange', keep);
    return () => {
      keep();
      removeEventListener('pagehide', keep);
      document.removeEventListener('visibilitychange', keep);
    };
  }

  /** Takes the saved version again; it can be undone. */
  discard() {
    this.restored = undefined;
    this.version = this.asked;
    this.change(this.saved, { selection: NOTHING });
    this.keep();
  }

  /** Saves the plan as the newest version; `sure` decides when another user has saved one meanwhile. */
  async save(sure) {
    const { plan } = this;
    const newest = await get(`/halls/${this.hall.id}`);
    const isNewer = newest.planVersion > Math.max(this.hall.planVersion, this.version);
    const isOwn = isNewer && await this.isOwn(newest);
    if (isNewer && !isOwn && !sure(newest.planVersion)) return;
    try {
      const hall = await put(`/halls/${this.hall.id}/plan`, plan);
      this.outcome = { isNew: isOwn || hall.planVersion > newest.planVersion, version: hall.planVersion };
      Object.assign(this, { hall, saved: plan, version: hall.planVersion, asked: hall.planVersion, restored: undefined, refused: undefined, unsure: undefined });
      this.keep();
    } catch (error) {
      this.refused = error;
      if (error.passes || error.isRepetition) this.unsure = plan;
    }
    this.changed();
  }

  /** Whether the newest version of the plan is what was sent here without an answer. */
  async isOwn({ planVersion }) {
    return this.unsure && textOf(await get(`/halls/${this.hall.id}/plans/${planVersion}`)) === textOf(this.unsure);
  }
}
