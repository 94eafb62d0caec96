// The page of the address: found, loaded, shown, and left.

import { Model } from './model.js';
import { learnSession, onSession, signInAddress, signedIn } from './session.js';

/** What a page is asked before it is left; answers whether to leave. */
let mayLeave = () => true;

/** Has `ask` decide whether the page may be left, until the function that this answers is called. */
export function askBeforeLeaving(ask) {
  const warn = (event) => { if (!ask.isClean()) event.preventDefault(); };
  mayLeave = ask;
  addEventListener('beforeunload', warn);
  return () => {
    mayLeave = () => true;
    removeEventListener('beforeunload', warn);
  };
}

/** How long a page was out of sight, in milliseconds, before it is read again. */
const AWAY_MIN = 10_000;

/** A page's address as an expression: `{id}` stands for an id. */
const pattern = (address) => new RegExp(`^${address.replaceAll('{id}', '([0-9a-f-]{36})')}$`);

/** Shows the page of the address. `status` is `loading`, `shown`, `failed`, `missing` or `replaced`. */
class Router extends Model {
  status = 'loading';
  serial = 0;
  leaving = new AbortController();
  moved = false;
  /** Whether the user typed or chose something since the page is shown. */
  isTyped = false;
  /** Whether the user is asked to sign in above the page. */
  isSigningIn = false;

  /**
   * Begins with pages: an address, a function that answers the page, or a promise of it, and whether its concert is read with the session.
   */
  begin(routes) {
    this.routes = routes.map(([address, ...page]) => [pattern(address), ...page]);
    addEventListener('popstate', () => {
      // A link within the page, such as the one past the navigation, changes nothing else.
      if (this.address !== location.pathname + location.search) this.show();
    });
    document.addEventListener('click', (event) => this.clicked(event));
    document.addEventListener('input', () => { this.isTyped = true; });
    onSession((change) => this.sessionChanged(change));
    let leftAt = Date.now();
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') leftAt = Date.now();
      else if (Date.now() - leftAt > AWAY_MIN) this.refresh();
    });
  }

  /** Reads what a page shows again, in its place; what cannot be read leaves the page as it is. */
  async refresh() {
    const { page, params, signal } = this;
    if (this.status !== 'shown' || !page.refreshes) return;
    const data = await page.load({ params, signal }).catch(() => undefined);
    if (data && !signal.aborted) this.become({ data });
  }

  /** Goes to another page of ours. */
  go(path, { replace = false, ask = false } = {}) {
    if (ask && !mayLeave()) return undefined;
    history[replace ? 'replaceState' : 'pushState'](null, '', path);
    this.moved = true;
    return this.show();
  }

  /** Gives the page another address, without showing it anew. */
  at(path) {
    history.replaceState(null, '', path);
    this.address = path;
  }

  clicked(event) {
    const link = event.target.closest?.('a[data-link]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    this.go(link.getAttribute('href'), { ask: true });
  }

  /** Learns who is signed in, once, with a concert, if any; after a failure the next page tries again. */
  session(concertId) {
    this.learning ??= learnSession({ concertId }).catch((error) => {
      this.learning = undefined;
      throw error;
    });
    return this.learning;
  }

  /** Asks the user to sign in above the page, or no longer: the page and what was typed in it stay. */
  askToSignIn(isSigningIn) {
    this.isSigningIn = isSigningIn;
    this.changed();
  }

  become(changes) {
    Object.assign(this, { error: undefined, user: undefined }, changes);
    this.changed();
  }

  /** Shows the page of the address. A public page, and one that `readsAhead`, is read while the session is learnt. */
  async show() {
    this.leaving.abort();
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    this.serial += 1;
    Object.assign(this, { isTyped: false, isSigningIn: false });
    this.address = location.pathname + location.search;
    this.become({ status: 'loading', page: undefined });
    try {
      const [expression, find, ofConcert] = this.routes.find(([expression]) => expression.test(location.pathname)) ?? [];
      if (!find) {
        this.become({ status: 'missing' });
        return;
      }
      const [, ...params] = location.pathname.match(expression);
      const session = this.session(ofConcert && params[0]);
      // Its failure is that of the page below.
      session.catch(() => {});
      const page = await find();
      const reading = page.isPublic || page.readsAhead ? page.load?.({ params, signal, session }) : session.then(() => page.load?.({ params, signal, session }));
      const [data] = await Promise.all([reading, session]);
      if (!signal.aborted) this.become({ status: 'shown', page, data, params, signal });
    } catch (error) {
      if (!signal.aborted) this.failed(error);
    }
  }

  /** Shows why a page cannot be shown; `again` tries once more. */
  failed(error, again = () => this.show()) {
    if (error.endsSession) return this.go(signInAddress({ ended: signedIn() !== null }), { replace: true });
    if (error.status === 404) return this.become({ status: 'missing' });
    return this.become({ status: 'failed', error, again });
  }

  sessionChanged({ before, user, elsewhere }) {
    this.changed();
    if (!elsewhere || before?.id === user?.id) return;
    if (this.page?.isPublic) this.show();
    else this.replaced(user);
  }

  /** Another tab signed out, or signed in as another: what this one shows is no longer the user's. */
  replaced(user) {
    this.leaving.abort();
    this.serial += 1;
    this.become({ status: 'replaced', page: undefined, user });
  }
}

export const router = new Router();
export const go = (path, options) => router.go(path, options);
