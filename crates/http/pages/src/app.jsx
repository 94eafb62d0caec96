// The pages, their addresses, and what is around them.

import { render } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { account } from './account.jsx';
import { booking } from './booking.jsx';
import { concert } from './concert.jsx';
import { concerts } from './concerts.jsx';
import { timeZone, zoneName } from './format.js';
import { Header } from './header.jsx';
import { useModel } from './hooks.js';
import { LiveBar, Retries } from './live-bar.jsx';
import { points } from './points.jsx';
import { router } from './router.js';
import { signInAddress } from './session.js';
import { SignInAgain } from './sign-in-again.jsx';
import { signIn } from './sign-in.jsx';
import { standing } from './standing.js';
import { language, languages, t } from './text.js';
import { applyTheme } from './theme.js';
import { ticket } from './ticket.jsx';
import { tickets } from './tickets.jsx';
import { Empty, Failure, Link, Skeleton } from './ui.jsx';

/** A page of staff: they are loaded together when the first of them is visited. */
const staff = (name) => async () => (await import('./staff.js'))[name];

/** The editor of seat plans. */
const editor = async () => (await import('./planner-page.js')).planner;

const ROUTES = [
  ['/', () => concerts],
  ['/pages/concerts/{id}', () => concert],
  ['/pages/concerts/{id}/book', () => booking],
  ['/pages/tickets', () => tickets],
  ['/pages/tickets/{id}', () => ticket],
  ['/pages/points', () => points],
  ['/pages/account', () => account],
  ['/pages/sign-in', () => signIn],
  ['/pages/sign-up', () => signIn],
  ['/pages/rooms', staff('rooms')],
  ['/pages/rooms/{id}', staff('room')],
  ['/pages/concerts/{id}/sales', staff('sales')],
  ['/pages/concerts/{id}/orders', staff('orders')],
  ['/pages/concerts/{id}/dates', staff('addDate')],
  ['/pages/orders', staff('orders')],
  ['/pages/people', staff('people')],
  ['/pages/operator-actions', staff('actions')],
  ['/pages/organize', staff('organize')],
  ['/pages/organize/concerts', staff('ownConcerts')],
  ['/pages/venues', staff('venues')],
  ['/pages/venues/{id}', staff('venue')],
  ['/pages/halls/{id}', staff('hall')],
  ['/pages/halls/{id}/plan', editor],
  ['/pages/organize/concerts/{id}', staff('editConcert')],
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
