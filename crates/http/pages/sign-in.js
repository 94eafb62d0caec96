// Signing in and signing up.

import { go } from './app.js';
import { post } from './api.js';
import { field, h, notice } from './dom.js';
import { form } from './form.js';
import { failure, signIn } from './session.js';
import { t } from './text.js';

/** Where to go afterwards: only to a page of ours. */
function next() {
  const wanted = new URLSearchParams(location.search).get('next') ?? '/';
  return wanted.startsWith('/') && !wanted.startsWith('//') ? wanted : '/';
}

async function enter(person) {
  await signIn(person);
  await go(next(), { replace: true });
}

const email = () => field(t('signIn.email'), { id: 'email', name: 'email', type: 'email', autocomplete: 'username' });

const password = (autocomplete, hint) => field(t('signIn.password'), {
  id: 'password', name: 'password', type: 'password', minlength: 8, maxlength: 256, autocomplete,
}, hint);

/** Here a refusal means the e-mail and the password, not the session. */
const refused = (error) => (error.endsSession ? notice('error', error.message) : failure(error));

function toSignIn() {
  return form(enter, t('signIn.submit'), [email(), password('current-password')], refused);
}

function toSignUp() {
  const name = field(t('signIn.name'), { id: 'name', name: 'name', maxlength: 100, autocomplete: 'name' });
  const create = async (person) => {
    await post('/users', person);
    await enter(person);
  };
  return form(create, t('signUp.submit'), [name, email(), password('new-password', t('signIn.passwordHint'))], refused);
}

export default function page({ main }) {
  const isEnded = new URLSearchParams(location.search).has('ended');
  const isNew = location.pathname.endsWith('sign-up');
  const other = isNew ? ['/pages/sign-in', 'signUp.toSignIn'] : ['/pages/sign-up', 'signIn.toSignUp'];
  main.replaceChildren(
    h('section', { class: 'narrow card' },
      h('h1', {}, t(isNew ? 'signUp.title' : 'signIn.title')),
      isEnded && notice('note', t(next().endsWith('/book') ? 'session.endedBooking' : 'session.endedBack')),
      isNew ? toSignUp() : toSignIn(),
      h('p', {}, h('a', { href: other[0] + location.search, 'data-link': true }, t(other[1])))),
  );
}
