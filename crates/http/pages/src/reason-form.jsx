// What cannot be undone, with a reason for it.

import { t } from './text.js';
import { Field, Form } from './ui.jsx';

/** The most characters of a reason. */
const REASON_MAX = 300;

/** A form that asks for a reason, and then whether the user is `sure`; `children` are fields before it, whose values `submit` gets as well. */
export function ReasonForm({ id, button, sure, submit, disabled, children }) {
  const ask = async ({ reason, ...others }) => {
    if (confirm(sure)) await submit(reason, others);
  };
  return (
    <Form submit={ask} button={button} disabled={disabled}>
      {children}
      <Field label={t('field.reason')} id={`reason-${id}`} name="reason" maxLength={REASON_MAX} autoComplete="off" hint={t('reason.hint')} />
    </Form>
  );
}
