// The pages, their addresses, and what is around them.

import { render } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { concerts } from './concerts.jsx';
import { timeZone, zoneName } from './format.js';
import { Header } from './header.jsx';
import { useModel } from './hooks.js';
import { LiveBar, Retries } from './live-bar.jsx';
import { UnconfirmedAddress } from './unconfirmed-address.jsx';
import { router } from './router.js';
import { script } from './scripts.js';
import { signInAddress } from './session.js';
import { SignInAgain } from './sign-in-again.jsx';
import { standing } from './standing.js';
import { language, languages, t } from './text.js';
import { applyTheme } from './theme.js';
import { Empty, Failure, Link, Skeleton } from './ui.jsx';

export * as shared from './shared.js';

/** Pages of one script, which is loaded when the first of them is visited. */
const pagesOf = (load) => {
  const read = script(load);
  return (name) => async () => (await read())[name];
};

const concert = pagesOf(() => import('./concert-page.js'));
const booking = pagesOf(() => import('./booking-page.js'));
const own = pagesOf(() => import('./own-page.js'));
const desk = pagesOf(() => import('./desk-page.js'));
const editor = pagesOf(() => import('./editor-page.js'));
const doors = pagesOf(() => import('./door-page.js'));

/** Pages of one script that needs the charts: both are loaded at once. */
const withCharts = (load) => pagesOf(async () => (await Promise.all([load(), import('./chart-page.js')]))[0]);
const room = withCharts(() => import('./room-page.js'));
const sales = withCharts(() => import('./sales-page.js'));

const ROUTES = [
  ['/', () => concerts],
  ['/pages/concerts/{id}', concert('concert')],
  ['/pages/concerts/{id}/book', booking('booking'), true],
  ['/pages/tickets', own('tickets')],
  ['/pages/tickets/{id}', own('ticket')],
  ['/pages/reservations/{id}', own('reservation')],
  ['/pages/points', own('points')],
  ['/pages/account', own('account')],
  ['/pages/sign-in', own('signIn')],
  ['/pages/sign-up', own('signIn')],
  ['/pages/forgot-password', own('forgotPassword')],
  ['/pages/reset-password', own('resetPassword')],
  ['/pages/verify-email', own('verifyEmail')],
  ['/pages/rooms', desk('rooms')],
  ['/pages/rooms/{id}', room('room')],
  ['/pages/concerts/{id}/sales', sales('sales')],
  ['/pages/concerts/{id}/orders', desk('orders')],
  ['/pages/concerts/{id}/dates', editor('addDate')],
  ['/pages/orders', desk('orders')],
  ['/pages/people', desk('people')],
  ['/pages/operator-actions', desk('actions')],
  ['/pages/organize', editor('organize')],
  ['/pages/organize/concerts', desk('ownConcerts')],
  ['/pages/venues', desk('venues')],
  ['/pages/venues/{id}', desk('venue')],
  ['/pages/halls/{id}', desk('hall')],
  ['/pages/halls/{id}/plan', pagesOf(() => import('./planner-page.js'))('planner')],
  ['/pages/organize/concerts/{id}', editor('editConcert')],
  ['/pages/door', doors('doorDates')],
  ['/pages/door/{id}', doors('door')],
];

const Missing = () => (
  <Empty icon="search">
    <h1>{t('notFound')}</h1>
    <p>{t('notFound.how')}</p>
    <Link class="button primary" href="/">{t('home')}</Link>
  </Empty>
);

const Failed = ({ error, again }) => (
  <section class="narrow card">
    <h1>{t('failed')}</h1>
    <Failure error={error} />
    <button type="button" class="primary" onClick={() => again()}>{t('again')}</button>
  </section>
);

const Replaced = ({ user }) => (
  <section class="narrow card">
    <h1>{t(user ? 'session.another' : 'session.signedOut')}</h1>
    <p>{t(user ? 'session.anotherHow' : 'session.signedOutHow', { name: user?.name })}</p>
    {user
      ? <button type="button" class="primary" onClick={() => router.show()}>{t('session.goOn', { name: user.name })}</button>
      : <Link class="button primary" href={signInAddress()}>{t('nav.signIn')}</Link>}
  </section>
);

function Page() {
  const { status, page, data, params, signal, error, again, user } = router;
  if (status === 'missing') return <Missing />;
  if (status === 'failed') return <Failed error={error} again={again} />;
  if (status === 'replaced') return <Replaced user={user} />;
  return status === 'shown' ? <page.View data={data} params={params} signal={signal} /> : <Skeleton />;
}

/** Names the window after the page, and brings the keyboard to its start, but for the first page. */
function settle() {
  if (router.status === 'loading' || router.page?.namesWindow) return;
  const main = document.getElementById('main');
  const title = main.querySelector('h1')?.textContent;
  document.title = title ? `${title} · Stagedoor` : 'Stagedoor';
  if (router.moved) main.focus({ preventScroll: true });
}

function App() {
  useModel(router);
  useModel(languages);
  document.documentElement.lang = language();
  useLayoutEffect(settle, [router.serial, router.status]);
  useLayoutEffect(() => { if (router.status === 'loading' && router.moved) scrollTo(0, 0); }, [router.serial]);
  return (
    <>
      <a class="skip" href="#main">{t('skip')}</a>
      <Header />
      <UnconfirmedAddress />
      <LiveBar />
      <main id="main" tabIndex={-1}><Page key={router.serial} />{router.isSigningIn && <SignInAgain />}</main>
      <footer class="foot"><p>{t('foot.zone', { zone: zoneName(), name: timeZone })}</p><a href="/docs/">API</a></footer>
      <Retries />
    </>
  );
}

applyTheme();
router.begin(ROUTES);
standing.begin();
document.getElementById('app').replaceChildren();
render(<App />, document.getElementById('app'));
router.show();
