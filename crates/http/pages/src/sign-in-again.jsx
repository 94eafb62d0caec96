// Signing in above a page, after its session has ended. The page stays as it is.

import { useLayoutEffect, useRef } from 'preact/hooks';
import { router } from './router.js';
import { signIn, signedIn } from './session.js';
import { t } from './text.js';
import { Failure, Field, Form, Notice } from './ui.jsx';

/** Here a refusal means the e-mail and the password, not the session. */
export const Refused = ({ error }) => (error?.endsSession ? <Notice kind="error"><p>{error.message}</p></Notice> : <Failure error={error} />);

const close = () => router.askToSignIn(false);

/** Signs in. The page of another user is not this one: it is read anew. */
async function enter(person, before) {
  await signIn(person);
  if (signedIn()?.id === before?.id) close();
  else router.show();
}

export function SignInAgain() {
  const dialog = useRef();
  const before = useRef(signedIn()).current;
  useLayoutEffect(() => dialog.current.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="again-title" onClose={close}>
      <h2 id="again-title">{t('signIn.title')}</h2>
      <Form submit={(person) => enter(person, before)} button={t('signIn.submit')} explain={Refused}>
        <Field label={t('signIn.email')} id="again-email" name="email" type="email" autoComplete="username" defaultValue={before?.email} />
        <Field label={t('signIn.password')} id="again-password" name="password" type="password" autoComplete="current-password" minLength={8} maxLength={256} />
      </Form>
      <button type="button" class="plain" onClick={close}>{t('session.later')}</button>
    </dialog>
  );
}
