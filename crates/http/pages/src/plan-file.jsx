// Seat plans as files: read from one, and what the API says is wrong in one.

import { t } from './text.js';
import { Failure, Field, Notice } from './ui.jsx';

/** The most bytes of a request with a plan. */
const BYTES_MAX = 1024 * 1024;

/** The JSON document of a file. Throws when there is none. */
export async function documentOf(file) {
  if (file.size > BYTES_MAX) throw new Error(t('planFile.tooLarge'));
  try {
    return JSON.parse(await file.text());
  } catch (error) {
    throw new Error(t('planFile.notJson', { why: error.message }), { cause: error });
  }
}

export const PlanFileField = ({ required = true, hint = t('planFile.hint') }) => (
  <Field label={t('planFile.file')} id="file" name="file" type="file" accept=".json,application/json" required={required} hint={hint} />
);

/** The faults of a plan: each path in the document with the rule that it breaks. */
export function PlanFailure({ error }) {
  const errors = error?.body?.errors;
  if (!errors?.length) return <Failure error={error} />;
  return (
    <Notice kind="error">
      <p>{t('planFile.wrong')}</p>
      <ul>{errors.map(({ field, rule }) => <li key={field}><code>{field}</code>: {rule}</li>)}</ul>
    </Notice>
  );
}
