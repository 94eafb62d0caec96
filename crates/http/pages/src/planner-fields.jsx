// Fields whose values change the plan as they are typed, each with the rule that it breaks.

import { useState } from 'preact/hooks';
import { number } from './format.js';
import { brokenByNumber } from './planner-rules.js';
import { t } from './text.js';

const textOf = ({ rule, values = {} }) => t(rule, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, number(value)])));

/** All that is wrong with the plan in words: by our own rules, and by the last answer of the API to this plan. */
export function allProblems({ problems, refused }) {
  const own = problems.map((problem) => ({ path: problem.path, text: textOf(problem) }));
  const told = (refused?.body?.errors ?? []).map(({ field, rule }) => ({ path: field, text: rule }));
  return [...own, ...told.filter(({ path }) => !own.some((problem) => problem.path === path))];
}

/** The fault at a path of the plan. */
export const problemAt = (model, path) => allProblems(model).find((problem) => problem.path === path)?.text;

/** A label, an input and what is wrong with it. */
export function Labelled({ label, id, wrong, hint, as: Input = 'input', children, ...attributes }) {
  const about = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(' ') || undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <Input id={id} aria-invalid={wrong ? 'true' : undefined} aria-describedby={about} {...attributes}>{children}</Input>
      {hint && <small id={`${id}-hint`}>{hint}</small>}
      {wrong && <small id={`${id}-wrong`} class="wrong">{wrong}</small>}
    </div>
  );
}

/**
 * A number. What breaks a rule stays in the field and says so; the plan keeps the last value that does not. Without a `value`
 * several ones are selected that differ.
 */
export function NumberField({ label, id, value, bound, onChange, hint, wrong: told }) {
  const [typed, setTyped] = useState();
  const isEmpty = typed?.trim() === '';
  const broken = typed !== undefined && (isEmpty || Number.isNaN(Number(typed)) ? { rule: 'rules.required' } : brokenByNumber(Number(typed), bound));
  const isShown = typed !== undefined && (broken || Number(typed) === value);
  const input = ({ currentTarget }) => {
    const text = currentTarget.value;
    setTyped(text);
    if (text.trim() && !brokenByNumber(Number(text), bound)) onChange(Number(text));
  };
  return (
    <Labelled
      label={label} id={id} hint={hint} wrong={broken ? textOf(broken) : told} inputMode="decimal" autoComplete="off" value={isShown ? typed : value ?? ''}
      placeholder={value === undefined ? t('planner.several') : undefined} onInput={input} onBlur={() => setTyped(undefined)}
    />
  );
}

/** The choice of a price zone. `inherit` is the name of the choice of none. */
export const ZoneField = ({ plan, id, value, onChange, inherit, wrong }) => (
  <Labelled label={t('planner.zoneLabel')} id={id} as="select" wrong={wrong} value={value ?? ''} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
    {(inherit || value === undefined) && <option value="" selected={!value}>{inherit ?? t('planner.several')}</option>}
    {plan.zones.map(({ code, name }, index) => <option key={index} value={code} selected={code === value}>{name} ({code})</option>)}
  </Labelled>
);

/** Whole numbers in a text, such as `5, 10`; nothing if there is something else. */
export function wholesIn(text) {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  return parts.every((part) => /^\d+$/.test(part)) ? [...new Set(parts.map(Number))].sort((one, other) => one - other) : undefined;
}

/** Positions after which an aisle is. */
export function AislesField({ id, value, most, onChange }) {
  const [typed, setTyped] = useState();
  const found = typed === undefined ? value : wholesIn(typed);
  const isRight = !found || found.every((after) => after >= 1 && after <= most);
  const wrong = typed !== undefined && (!found || !isRight) ? t('rules.whole', { low: 1, high: number(most) }) : undefined;
  const input = ({ currentTarget }) => {
    const wanted = wholesIn(currentTarget.value);
    setTyped(currentTarget.value);
    if (wanted?.every((after) => after >= 1 && after <= most)) onChange(wanted);
  };
  return (
    <Labelled
      label={t('planner.aisles')} id={id} hint={t('planner.aislesHint')} wrong={wrong} autoComplete="off" value={typed ?? value?.join(', ') ?? ''}
      placeholder={value ? undefined : t('planner.several')} onInput={input} onBlur={() => setTyped(undefined)}
    />
  );
}

/** A colour by the browser's own choice. */
export const ColourField = ({ label, id, value, onChange }) => (
  <Labelled label={label} id={id} type="color" value={value} onInput={({ currentTarget }) => onChange(currentTarget.value)} />
);
