// The frame of every page: finds the page for an address, and keeps the navigation up to date.

import { retries } from './api.js';
import { h } from './dom.js';
import { failure, learnSession, onSession, signInAddress, signOut, signedIn } from './session.js';
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
let leaving = new AbortController();
let moved = false;

/** Goes to another page of ours. */
export function go(path, { replace = false } = {}) {
  history[replace ? 'replaceState' : 'pushState'](null, '', path);
  moved = true;
  return show();
}

async function leave({ currentTarget: button }) {
  button.disabled = true;
  try {
    await signOut();
    await go('/');
  } catch (error) {
    main.prepend(failure(error));
    button.disabled = false;
  }
}

/** The pages that show nothing of a person's own. */
const PUBLIC = /^\/$|^\/pages\/concerts\/[0-9a-f-]+$|^\/pages\/sign-/;

/** Another tab signed out, or signed in as another: what this one shows is no longer the user's. */
function changedElsewhere(user) {
  leaving.abort();
  main.replaceChildren(h('section', { class: 'narrow card' },
    h('h1', {}, t(user ? 'session.another' : 'session.signedOut')),
    h('p', {}, t(user ? 'session.anotherHow' : 'session.signedOutHow', { name: user?.name })),
    user
      ? h('button', { type: 'button', class: 'primary', onclick: show }, t('session.goOn', { name: user.name }))
      : h('a', { class: 'button primary', href: signInAddress(), 'data-link': true }, t('nav.signIn'))));
  settle();
}

function showNavigation() {
  const user = signedIn();
  const link = (path, key) => h('a', {
    href: path, 'data-link': true, 'aria-current': location.pathname === path && 'page',
  }, t(key));
  const other = language() === 'en' ? 'ko' : 'en';
  document.getElementById('nav').replaceChildren(
    link('/', 'nav.concerts'),
    ...(user ? [link('/pages/tickets', 'nav.tickets'), link('/pages/points', 'nav.points')] : []),
    ...(BACKSTAGE[user?.role] ?? []).map(([path, key]) => link(path, key)),
    user
      ? h('button', { type: 'button', onclick: leave }, t('nav.signOut'))
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

/** Shows why a page cannot be shown; `again` tries once more. */
function trouble(error, again = show) {
  if (error.endsSession) return go(signInAddress({ ended: signedIn() !== null }), { replace: true });
  if (error.status === 404) return missing();
  main.replaceChildren(
    h('h1', {}, t('failed')),
    failure(error),
    h('button', { type: 'button', onclick: () => again() }, t('again')),
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

onSession(({ before, user, elsewhere }) => {
  showNavigation();
  if (!elsewhere || before?.id === user?.id) return;
  if (PUBLIC.test(location.pathname)) show();
  else changedElsewhere(user);
});

/** Says that a request waits to be sent again, and why. */
const waiting = document.getElementById('waiting');
retries.addEventListener('waiting', ({ detail: { problem, seconds } }) => {
  const reason = { 0: 'retry.lost', 429: 'retry.busy', 503: 'retry.busy' }[problem.status] ?? 'retry.failed';
  waiting.textContent = t(reason, { n: seconds });
  waiting.hidden = false;
});
retries.addEventListener('over', () => { waiting.hidden = true; });

/** Learns who is signed in, and shows the page. */
async function start() {
  try {
    await learnSession();
  } catch (error) {
    trouble(error, start);
    return;
  }
  await show();
}

// Not awaited here: the pages import this module, which would wait for itself.
start();
