// One's account: name, password, sessions, a copy of all data, and its deletion.

import { useState } from 'preact/hooks';
import { get, patch, post, put } from './api.js';
import { moment } from './format.js';
import { Icon } from './icons.jsx';
import { save } from './reminder.js';
import { go } from './router.js';
import { changedAccount, renewSession, signIn, signOut } from './session.js';
import { Password } from './sign-in.jsx';
import { t } from './text.js';
import { Button, Failure, Field, Form, Notice, say } from './ui.jsx';

/** Says once that a change was made. */
function useDone() {
  const [text, setText] = useState();
  const done = (said) => {
    setText(said);
    say(said);
  };
  return [text && <Notice kind="good"><p>{text}</p></Notice>, done];
}

function Name({ user }) {
  const [notice, done] = useDone();
  const submit = async ({ name }) => {
    changedAccount(await patch('/users/me', { name }));
    done(t('account.nameDone'));
  };
  return (
    <section class="card">
      <h2>{t('account.name')}</h2>
      <Form submit={submit} button={t('account.saveName')}>
        <Field label={t('signIn.name')} id="name" name="name" maxLength={100} autoComplete="name" defaultValue={user.name} />
        {notice}
      </Form>
    </section>
  );
}

/** Signs a user in; answers whether the service accepts the password. */
const canSignIn = (email, password) => signIn({ email, password }).then(() => true, (error) => {
  if (error.endsSession) return false;
  throw error;
});

/** Whether a refusal can follow from an earlier attempt that succeeded: it ended this session, or replaced the password. */
const mayBeMade = (error) => error.isRepetition && (error.endsSession || error.code === 'WRONG_CURRENT_PASSWORD');

/** Changes the password; after an attempt with an unknown outcome a sign-in tells whether it is changed. */
async function changePassword(email, currentPassword, newPassword) {
  try {
    await put('/users/me/password', { currentPassword, newPassword });
  } catch (error) {
    if (!mayBeMade(error) || !await canSignIn(email, newPassword)) throw error;
  }
}

/** Deletes the account; after an attempt with an unknown outcome a sign-in tells whether it is deleted. */
async function deleteAccount(email, password) {
  const attempt = () => post('/users/me/deletion', { password });
  try {
    await attempt();
  } catch (error) {
    if (!mayBeMade(error)) throw error;
    if (await canSignIn(email, password)) await attempt();
  }
}

function NewPassword({ user }) {
  const [notice, done] = useDone();
  const submit = async ({ currentPassword, newPassword }, form) => {
    await changePassword(user.email, currentPassword, newPassword);
    form.reset();
    done(t('account.passwordDone'));
  };
  return (
    <section class="card">
      <h2>{t('account.password')}</h2>
      <p class="quiet">{t('account.passwordHow')}</p>
      <Form submit={submit} button={t('account.savePassword')}>
        <Password id="currentPassword" label={t('account.current')} autoComplete="current-password" />
        <Password id="newPassword" label={t('account.new')} autoComplete="new-password" hint={t('signIn.passwordHint')} />
        {notice}
      </Form>
    </section>
  );
}

function Sessions() {
  const [trouble, setTrouble] = useState();
  const leave = async () => {
    if (!confirm(t('account.everywhereSure'))) return;
    await signOut({ everywhere: true });
    await go('/');
  };
  return (
    <section class="card">
      <h2>{t('account.sessions')}</h2>
      <p class="quiet">{t('account.sessionsHow')}</p>
      <Failure error={trouble} />
      <Button work={leave} onFailure={setTrouble}>{t('account.everywhere')}</Button>
    </section>
  );
}

function Export() {
  const [trouble, setTrouble] = useState();
  const download = async () => {
    const data = await get('/users/me/export');
    save('stagedoor-export.json', 'application/json', JSON.stringify(data, null, 2));
  };
  return (
    <section class="card">
      <h2>{t('account.export')}</h2>
      <p class="quiet">{t('account.exportHow')}</p>
      <Failure error={trouble} />
      <Button work={download} onFailure={setTrouble}><Icon name="download" />{t('account.download')}</Button>
    </section>
  );
}

function Deletion({ user }) {
  const submit = async ({ deletionPassword }) => {
    if (!confirm(t('account.deleteSure'))) return;
    await deleteAccount(user.email, deletionPassword);
    await renewSession();
    await go('/');
  };
  return (
    <section class="card">
      <h2>{t('account.deletion')}</h2>
      <p class="quiet">{t('account.deletionHow')}</p>
      <Form submit={submit} button={t('account.delete')}>
        <Password id="deletionPassword" label={t('account.deletionPassword')} autoComplete="current-password" />
      </Form>
    </section>
  );
}

const View = ({ data: user }) => (
  <>
    <h1>{t('account.title')}</h1>
    <p class="quiet">{t('account.since', { email: user.email, at: moment(user.createdAt) })}</p>
    <div class="panels"><Name user={user} /><NewPassword user={user} /><Sessions /><Export /><Deletion user={user} /></div>
  </>
);

export const account = { load: ({ signal }) => get('/users/me', { signal }), View };
