// Where the links of e-mails lead: confirming an address, and setting a new password. The token is behind the `#` of the address, which
// browsers send to no server.

import { useState } from 'preact/hooks';
import { post, put } from './api.js';
import { go } from './router.js';
import { renewSession } from './session.js';
import { Password } from './sign-in.jsx';
import { t } from './text.js';
import { Failure, Field, Form, Link, Notice } from './ui.jsx';

/** The token of the link that led here; nothing if the address was typed. */
const token = () => location.hash.slice(1);

/** A link that is no longer valid, or not whole. */
const isEnded = (error) => error?.code === 'LINK_EXPIRED';

/** What was done, and where to go from there. */
const Done = ({ text }) => (
  <>
    <Notice kind="good"><p>{text}</p></Notice>
    <p><Link class="button primary" href="/">{t('home')}</Link></p>
  </>
);

const Verify = ({ data: error }) => (
  <section class="narrow card">
    <h1>{t('verify.title')}</h1>
    {!error && <Done text={t('verify.done')} />}
    {error && (isEnded(error)
      ? (
        <>
          <Notice kind="error"><p>{t('verify.ended')}</p></Notice>
          <p><Link class="button primary" href="/pages/account">{t('verify.again')}</Link></p>
        </>
      )
      : <Failure error={error} />)}
  </section>
);

/** Confirms the address when the page is opened: a link that is followed twice has done it. */
async function verified() {
  try {
    await post('/email-verifications', { token: token() });
    await renewSession();
  } catch (error) {
    if (isEnded(error)) return error;
    throw error;
  }
  return undefined;
}

/** Asks for a link. The answer does not tell whether the address has an account, and neither does the page. */
function Forgot() {
  const [email, setEmail] = useState();
  const submit = async (person) => {
    await post('/password-resets', person);
    setEmail(person.email);
  };
  return (
    <section class="narrow card">
      <h1>{t('forgot.title')}</h1>
      {email && <Notice kind="good"><p>{t('forgot.sent', { email })}</p></Notice>}
      <p class="quiet">{t('forgot.how')}</p>
      <Form submit={submit} button={t(email ? 'forgot.again' : 'forgot.submit')}>
        <Field label={t('signIn.email')} id="email" name="email" type="email" autoComplete="username" />
      </Form>
      <p><Link href="/pages/sign-in">{t('signIn.title')}</Link></p>
    </section>
  );
}

/** An attempt with an unknown outcome may have set the password: then the link has ended, and signing in tells. */
const Explained = ({ error }) => (isEnded(error)
  ? (
    <>
      <Notice kind="error"><p>{t(error.isRepetition ? 'reset.maybeDone' : 'reset.ended')}</p></Notice>
      <p><Link class="button" href="/pages/forgot-password">{t('forgot.title')}</Link></p>
    </>
  )
  : <Failure error={error} />);

function Reset() {
  const submit = async ({ password }) => {
    await put(`/password-resets/${encodeURIComponent(token())}`, { password });
    // All sessions have ended, also one of this browser.
    await renewSession();
    await go('/pages/sign-in?reset', { replace: true });
  };
  return (
    <section class="narrow card">
      <h1>{t('reset.title')}</h1>
      <p class="quiet">{t('reset.how')}</p>
      <Form submit={submit} button={t('reset.submit')} explain={Explained}>
        <Password label={t('account.new')} autoComplete="new-password" hint={t('signIn.passwordHint')} />
      </Form>
    </section>
  );
}

export const verifyEmail = { isPublic: true, load: verified, View: Verify };
export const forgotPassword = { isPublic: true, View: Forgot };
export const resetPassword = { isPublic: true, View: Reset };
