// The frame of every page: finds the page for an address, and keeps the navigation up to date.

import { get, remove } from './api.js';
import { h, notice } from './dom.js';
import { language, switchLanguage, t } from './text.js';

const id = '([0-9a-f-]{36})';
const PAGES = [
  [/^\/$/, () => import('./concerts.js')],
  [new RegExp(`^/pages/concerts/${id}$`), () => import('./concert.js')],
  [new RegExp(`^/pages/concerts/${id}/book$`), () => import('./booking.js')],
  [/^\/pages\/tickets$/, () => import('./tickets.js')],
  [new RegExp(`^/pages/tickets/${id}$`), () => import('./ticket.js')],
  [/^\/pages\/points$/, () => import('./points.js')],
  [/^\/pages\/sign-in$/, () => import('./sign-in.js')],
  [/^\/pages\/sign-up$/, () => import('./sign-in.js')],
  [/^\/pages\/rooms$/, () => import('./rooms.js')],
  [new RegExp(`^/pages/rooms/${id}$`), () => import('./room.js')],
  [new RegExp(`^/pages/concerts/${id}/sales$`), () => import('./sales.js')],
  [/^\/pages\/people$/, () => import('./people.js')],
  [/^\/pages\/operator-actions$/, () => import('./actions.js')],
  [/^\/pages\/organize$/, () => import('./organize.js')],
];

/** What only some people see, by their role. */
const BACKSTAGE = {
  OPERATOR: [['/pages/rooms', 'nav.rooms'], ['/pages/people', 'nav.people'], ['/pages/operator-actions', 'nav.actions']],
  ORGANIZER: [['/pages/organize', 'nav.organize']],
};

const main = document.getElementById('main');
let user = null;
let leaving = new AbortController();
let moved = false;

/** Who is signed in; nothing if nobody is. */
export const signedIn = () => user;

/** Goes to another page of ours. */
export function go(path, { replace = false } = {}) {
  history[replace ? 'replaceState' : 'pushState'](null, '', path);
  moved = true;
  return show();
}

/** Goes to the sign-in page, and back here afterwards. */
export function askToSignIn() {
  const here = location.pathname + location.search;
  return go(`/pages/sign-in?next=${encodeURIComponent(here)}`, { replace: true });
}

/** Learns who is signed in. */
export async function learnSession() {
  user = await get('/users/me').catch((error) => {
    if (error.status === 401) return null;
    throw error;
  });
  showNavigation();
}

async function signOut() {
  await remove('/sessions/me');
  await learnSession();
  return go('/');
}

function showNavigation() {
  const link = (path, key) => h('a', {
    href: path, 'data-link': true, 'aria-current': location.pathname === path && 'page',
  }, t(key));
  const other = language() === 'en' ? 'ko' : 'en';
  document.getElementById('nav').replaceChildren(
    link('/', 'nav.concerts'),
    ...(user ? [link('/pages/tickets', 'nav.tickets'), link('/pages/points', 'nav.points')] : []),
    ...(BACKSTAGE[user?.role] ?? []).map(([path, key]) => link(path, key)),
    user
      ? h('button', { type: 'button', onclick: signOut }, t('nav.signOut'))
      : link('/pages/sign-in', 'nav.signIn'),
    h('button', { type: 'button', lang: other, onclick: changeLanguage }, t('nav.language')),
  );
}

function changeLanguage() {
  switchLanguage();
  return show();
}

/** Shows the page of the address. A page that names the window and takes the focus by itself answers true. */
async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  document.documentElement.lang = language();
  document.querySelector('[data-text=skip]').textContent = t('skip');
  showNavigation();
  main.replaceChildren(h('p', { class: 'quiet' }, t('loading')));
  try {
    const [pattern, load] = PAGES.find(([pattern]) => pattern.test(location.pathname)) ?? [];
    if (!load) return missing();
    const [, ...params] = location.pathname.match(pattern);
    const page = await load();
    if (signal.aborted) return undefined;
    const hasSettled = await page.default({ main, params, signal });
    if (!hasSettled && !signal.aborted) settle();
  } catch (error) {
    if (!signal.aborted) trouble(error);
  }
  return undefined;
}

/** Names the window after the page, and brings the keyboard to its start, but for the first page. */
function settle() {
  const title = main.querySelector('h1')?.textContent;
  document.title = title ? `${title} · Stagedoor` : 'Stagedoor';
  if (moved) main.focus({ preventScroll: true });
}

function missing() {
  main.replaceChildren(h('h1', {}, t('notFound')), h('a', { href: '/', 'data-link': true }, t('home')));
  settle();
}

function trouble(error) {
  if (error.status === 401 && error.code !== 'TOKEN_EXPIRED') return askToSignIn();
  if (error.status === 404) return missing();
  main.replaceChildren(
    h('h1', {}, t('failed')),
    notice('error', error.message),
    h('button', { type: 'button', onclick: show }, t('again')),
  );
  return settle();
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-link]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go(link.getAttribute('href'));
});
addEventListener('popstate', show);

// Not awaited here: the pages import this module, which would wait for itself.
learnSession().catch(() => {}).then(show);
