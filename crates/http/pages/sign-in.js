// Signing in and signing up.

import { go, learnSession } from './app.js';
import { post } from './api.js';
import { field, form, h } from './dom.js';
import { t } from './text.js';

/** Where to go afterwards: only to a page of ours. */
function next() {
  const wanted = new URLSearchParams(location.search).get('next') ?? '/';
  return wanted.startsWith('/') && !wanted.startsWith('//') ? wanted : '/';
}

async function enter({ email, password }) {
  await post('/sessions', { email, password, cookie: true });
  await learnSession();
  await go(next(), { replace: true });
}

const email = () => field(t('signIn.email'), { id: 'email', name: 'email', type: 'email', autocomplete: 'username' });

const password = (autocomplete, hint) => field(t('signIn.password'), {
  id: 'password', name: 'password', type: 'password', minlength: 8, maxlength: 256, autocomplete,
}, hint);

function signIn() {
  return form(enter, t('signIn.submit'), email(), password('current-password'));
}

function signUp() {
  const name = field(t('signIn.name'), { id: 'name', name: 'name', maxlength: 100, autocomplete: 'name' });
  const create = async (person) => {
    await post('/users', person);
    await enter(person);
  };
  return form(create, t('signUp.submit'), name, email(), password('new-password', t('signIn.passwordHint')));
}

export default function page({ main }) {
  const isNew = location.pathname.endsWith('sign-up');
  const other = isNew ? ['/pages/sign-in', 'signUp.toSignIn'] : ['/pages/sign-up', 'signIn.toSignUp'];
  main.replaceChildren(
    h('section', { class: 'narrow card' },
      h('h1', {}, t(isNew ? 'signUp.title' : 'signIn.title')),
      isNew ? signUp() : signIn(),
      h('p', {}, h('a', { href: other[0] + location.search, 'data-link': true }, t(other[1])))),
  );
}
