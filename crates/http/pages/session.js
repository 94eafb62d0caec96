// Who is signed in, in every tab of the browser.

import { get, post, remove } from './api.js';
import { h, notice } from './dom.js';
import { t } from './text.js';

let user = null;
/** Tells the other tabs that a user signed in or out. */
const others = new BroadcastChannel('stagedoor session');
const changes = new EventTarget();

/** The user who is signed in, or null. */
export const signedIn = () => user;

/** Calls `listener` with the user before and the user now, when this or another tab changed that. */
export function onSession(listener) {
  changes.addEventListener('change', ({ detail }) => listener(detail));
}

/** Learns who is signed in. */
export async function learnSession({ elsewhere = false } = {}) {
  const before = user;
  user = await get('/users/me').catch((error) => {
    if (error.endsSession) return null;
    throw error;
  });
  changes.dispatchEvent(new CustomEvent('change', { detail: { before, user, elsewhere } }));
}

others.addEventListener('message', async () => {
  try {
    await learnSession({ elsewhere: true });
  } catch (error) {
    // It is learnt with the next request, whose refusal says it.
    console.warn(error);
  }
});

export async function signIn({ email, password }) {
  await post('/sessions', { email, password, cookie: true });
  await learnSession();
  others.postMessage('changed');
}

export async function signOut() {
  await remove('/sessions/me');
  await learnSession();
  others.postMessage('changed');
}

/** The address of the sign-in page that leads back here; `ended` has it say that the session has expired. */
export function signInAddress({ ended = false } = {}) {
  const here = location.pathname + location.search;
  return `/pages/sign-in?next=${encodeURIComponent(here)}${ended ? '&ended=1' : ''}`;
}

/** What went wrong and what to do about it, for the page. */
export function failure(error) {
  if (error.endsSession) {
    return h('div', { class: 'notice error', role: 'alert' },
      h('p', {}, t('session.ended')),
      h('p', {}, h('a', { class: 'button', href: signInAddress({ ended: true }), 'data-link': true }, t('nav.signIn'))));
  }
  const later = error.retryAfterSeconds ? ` ${t('retryAfter', { n: error.retryAfterSeconds })}` : '';
  return notice('error', error.message + later);
}
