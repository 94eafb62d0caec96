// Who is signed in, in every tab of the browser.

import { get, post, remove } from './api.js';

let user = null;
let signIns = 0;
/** The user's live holds and when they were read. */
let holds;
/** The concert that was read with the session, and when. */
let concert;
/** How long read holds, and a concert, are current, in milliseconds: as long as a page takes to load. */
const CURRENT_TIME = 5000;
/** Tells the other tabs that a user signed in or out. */
const others = new BroadcastChannel('stagedoor session');
const changes = new EventTarget();

/** The user who is signed in, or null. */
export const signedIn = () => user;

/** The number of times that a user signed in since the pages were loaded. */
export const signInCount = () => signIns;

/** The live holds as they were read with the session; nothing if that is too long ago. */
export const newestHolds = () => (holds && Date.now() - holds.at < CURRENT_TIME ? holds.items : undefined);

/** The concert of this id as it was read with the session; nothing if that is too long ago. */
export const newestConcert = (id) => (concert?.item.id === id && Date.now() - concert.at < CURRENT_TIME ? concert.item : undefined);

/** Takes in that holds have changed. */
export function forgetHolds() { holds = undefined; }

/** Calls `listener` with the user before and the user now, when this or another tab changed that. */
export function onSession(listener) {
  changes.addEventListener('change', ({ detail }) => listener(detail));
}

/** Learns who is signed in, and reads the concert of `concertId` with it. */
export async function learnSession({ elsewhere = false, concertId } = {}) {
  const newest = await get(concertId ? `/users/me?concertId=${concertId}` : '/users/me').catch((error) => {
    if (error.endsSession) return null;
    throw error;
  });
  became(newest, elsewhere);
}

function became(newest, elsewhere = false) {
  const before = user;
  user = newest;
  holds = newest?.holds && { at: Date.now(), items: newest.holds };
  concert = newest?.concert && { at: Date.now(), item: newest.concert };
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

/** Takes in what the user changed about the account. */
export function changedAccount(newest) {
  became(newest);
  others.postMessage('changed');
}

export async function signIn({ email, password }) {
  await post('/sessions', { email, password, cookie: true });
  signIns += 1;
  await learnSession();
  others.postMessage('changed');
}

/** Ends this session, or all sessions of the user. */
export async function signOut({ everywhere = false } = {}) {
  await remove(everywhere ? '/sessions' : '/sessions/me').catch((error) => {
    // This session may have ended already; of the others that says nothing.
    if (everywhere || !error.endsSession) throw error;
  });
  // What the door keeps on the device is of the user who has left.
  await globalThis.caches?.delete('stagedoor-door');
  await learnSession();
  others.postMessage('changed');
}

/** Takes in that something changed the account or ended the session, in every tab. */
export async function renewSession() {
  await learnSession();
  others.postMessage('changed');
}

/** The address of the sign-in page that leads back here; `ended` has it say that the session has expired. */
export function signInAddress({ ended = false } = {}) {
  const here = location.pathname + location.search;
  return `/pages/sign-in?next=${encodeURIComponent(here)}${ended ? '&ended=1' : ''}`;
}
