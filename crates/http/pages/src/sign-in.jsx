// Signing in and signing up.

import { post } from './api.js';
import { go } from './router.js';
import { signIn as enter } from './session.js';
import { Refused } from './sign-in-again.jsx';
import { t } from './text.js';
import { Field, Form, Link, Notice } from './ui.jsx';

/** Where to go afterwards: only to a page of ours. */
function next() {
  const wanted = new URLSearchParams(location.search).get('next') ?? '/';
  return wanted.startsWith('/') && !wanted.startsWith('//') ? wanted : '/';
}

async function goOn(person) {
  await enter(person);
  await go(next(), { replace: true });
}

async function signUp(person) {
  await post('/users', person);
  await goOn(person);
}

export const Password = ({ id = 'password', label = t('signIn.password'), ...rest }) => (
  <Field id={id} name={id} label={label} type="password" minLength={8} maxLength={256} {...rest} />
);

const Email = () => <Field label={t('signIn.email')} id="email" name="email" type="email" autoComplete="username" />;

const Enter = () => (
  <Form submit={goOn} button={t('signIn.submit')} explain={Refused}>
    <Email /><Password autoComplete="current-password" />
  </Form>
);

const Create = () => (
  <Form submit={signUp} button={t('signUp.submit')} explain={Refused}>
    <Field label={t('signIn.name')} id="name" name="name" maxLength={100} autoComplete="name" />
    <Email /><Password autoComplete="new-password" hint={t('signIn.passwordHint')} />
  </Form>
);

function View() {
  const isEnded = new URLSearchParams(location.search).has('ended');
  const isReset = new URLSearchParams(location.search).has('reset');
  const isNew = location.pathname.endsWith('sign-up');
  const [path, key] = isNew ? ['/pages/sign-in', 'signUp.toSignIn'] : ['/pages/sign-up', 'signIn.toSignUp'];
  return (
    <section class="narrow card">
      <h1>{t(isNew ? 'signUp.title' : 'signIn.title')}</h1>
      {isEnded && <Notice kind="note"><p>{t(next().endsWith('/book') ? 'session.endedBooking' : 'session.endedBack')}</p></Notice>}
      {isReset && <Notice kind="good"><p>{t('reset.done')}</p></Notice>}
      {isNew ? <Create /> : <Enter />}
      {!isNew && <p><Link href="/pages/forgot-password">{t('forgot.title')}</Link></p>}
      <p><Link href={path + location.search}>{t(key)}</Link></p>
    </section>
  );
}

export const signIn = { isPublic: true, View };
