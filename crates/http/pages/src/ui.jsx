// The parts that pages are made of.

import { useEffect, useMemo } from 'preact/hooks';
import { now } from './api.js';
import { countdown } from './format.js';
import { useAction, useSeconds } from './hooks.js';
import { Icon } from './icons.jsx';
import { router } from './router.js';
import { signInAddress, signInCount } from './session.js';
import { hasText, t } from './text.js';

/** Says something to those who cannot see it change. */
export function say(text) {
  document.getElementById('status').textContent = text;
}

/** A link to a page of ours. */
export const Link = (props) => <a {...props} data-link />;

const SIGNS = { error: 'alert', note: 'info', good: 'check' };

/** A message in the page: `kind` is `error`, `good` or `note`. */
export const Notice = ({ kind, children, role = kind === 'error' ? 'alert' : undefined }) => (
  <div class={`notice ${kind}`} role={role}><Icon name={SIGNS[kind]} /><div>{children}</div></div>
);

/** What a field of the API is called on the pages: `schedules[0].endsAt` is `Ends`. */
function fieldName(field) {
  const key = `field.${field.split('.').pop().replace(/\[\d+\]$/, '')}`;
  return hasText(key) ? t(key) : undefined;
}

/** What is wrong with a field, in words of the pages. */
function fieldProblem({ field, rule }) {
  const part = field.match(/\[(\d+)\]/);
  const where = part ? ` (${Number(part[1]) + 1})` : '';
  const named = rule.replace(/[a-z][A-Za-z]+/g, (word) => (/[A-Z]/.test(word) ? fieldName(word) : undefined) ?? word);
  return t('field.problem', { field: (fieldName(field) ?? field) + where, rule: named });
}

/** What went wrong, in words. */
export function problemText(error) {
  const fields = error.body?.errors;
  const text = fields?.length ? fields.map(fieldProblem).join(' ') : error.message || t('failed');
  return error.retryAfterSeconds ? `${text} ${t('retryAfter', { n: error.retryAfterSeconds })}` : text;
}

/** The way to sign in. Above a page in which something was typed it is a dialog, so that nothing typed is lost. */
function SignInLink() {
  const clicked = (event) => {
    if (!router.isTyped) return;
    event.preventDefault();
    event.stopPropagation();
    router.askToSignIn(true);
  };
  return <Link class="button" href={signInAddress({ ended: true })} onClick={clicked}>{t('nav.signIn')}</Link>;
}

/** A failure in words, with the next step; `again` repeats what failed, where no other button does. */
export function Failure({ error, again }) {
  const count = useMemo(signInCount, [error]);
  if (!error) return null;
  const repeat = again && <p><button type="button" onClick={() => again()}>{t('again')}</button></p>;
  if (!error.endsSession) return <Notice kind="error"><p>{problemText(error)}</p>{repeat}</Notice>;
  if (signInCount() > count) return <Notice kind="note" role="status"><p>{t('session.again')}</p>{repeat}</Notice>;
  return <Notice kind="error"><p>{t('session.ended')}</p><p><SignInLink /></p></Notice>;
}

/** A labelled input. `label` is its name, `hint` explains it. */
export function Field({ label, hint, as: Input = 'input', children, ...attributes }) {
  const { id, required = true } = attributes;
  const about = hint ? `${id}-hint` : undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <Input {...attributes} required={required} aria-describedby={about}>{children}</Input>
      {hint && <small id={about}>{hint}</small>}
    </div>
  );
}

/** A button that is out of use while `work` runs; `onFailure` shows what fails. */
export function Button({ work, kind, onFailure, disabled, children, ...attributes }) {
  const { run, busy, error } = useAction(work);
  useEffect(() => onFailure?.(error), [error]);
  return (
    <button type="button" class={kind} disabled={disabled || busy} aria-busy={busy || undefined} onClick={run} {...attributes}>
      {children}
    </button>
  );
}

/** A form that gives `submit` what is filled in, and shows below the fields what failed. It cannot be sent while it is `disabled`. */
export function Form({ submit, button, explain: Explain = Failure, disabled, children, ...attributes }) {
  const { run, busy, error } = useAction((form) => submit(Object.fromEntries(new FormData(form)), form));
  return (
    <form onSubmit={run} {...attributes}>
      {children}
      <div><Explain error={error} /></div>
      <button class="primary" disabled={disabled || busy} aria-busy={busy || undefined}>{button}</button>
    </form>
  );
}

/** The time until an instant, counted down every second. */
export function Countdown({ until, text }) {
  useSeconds();
  return text(countdown(Date.parse(until) - now()));
}

/** What a page shows where there is nothing to show. */
export const Empty = ({ icon, children }) => (
  <div class="empty"><Icon name={icon} /><div>{children}</div></div>
);

/** A picture of a page that is on its way. */
export const Skeleton = () => (
  <div class="skeleton" aria-busy="true">
    <p class="unseen">{t('loading')}</p>
    <div class="bone title" /><div class="bone" /><div class="bone" /><div class="bone block" />
  </div>
);

/** A table that scrolls by itself. `columns` are keys of texts; those of `amounts` stand over figures. */
export const Table = ({ label, columns, amounts = [], children }) => (
  <div class="scroll" tabIndex={0} role="region" aria-label={label}>
    <table>
      <thead><tr>{columns.map((key) => <th key={key} scope="col" class={amounts.includes(key) ? 'amount' : undefined}>{t(key)}</th>)}</tr></thead>
      <tbody>{children}</tbody>
    </table>
  </div>
);
