// Requests that fail once: what the tests of failures share.

/** An id in a path, as a part of an expression. */
export const ID = '[0-9a-f-]{36}';

const problem = (status, code, headers = {}) => (route) => route.fulfill({
  status, headers: { 'content-type': 'application/problem+json', ...headers },
  body: JSON.stringify({ status, code, detail: `Refused for a test: ${code}` }),
});

const SESSION = 'the session is not accepted (401)';
const LOST = 'an answer that is lost after the service acted';

/** Each way to fail: its name, and what does it to a route. */
export const FAILURES = {
  [SESSION]: problem(401, 'UNAUTHENTICATED'),
  'a conflict (409)': problem(409, 'CONFLICT_FOR_A_TEST'),
  'a failure of the service (500)': problem(500, 'INTERNAL'),
  'an overloaded service (503 with Retry-After)': problem(503, 'OVERLOADED', { 'retry-after': '1' }),
  'a connection that drops before the service hears': (route) => route.abort('connectionreset'),
  [LOST]: async (route) => {
    // A stream has no answer to wait for.
    if (!route.request().url().includes('/events')) await route.fetch();
    await route.abort('connectionreset');
  },
};

/** The number of times that pages send a request at most. */
const ATTEMPTS = 4;

/** Ways for changes alone to fail: each fails more than once. */
export const FAILURES_OF_CHANGES = {
  'answers that are lost until the page gives up': Array(ATTEMPTS).fill(FAILURES[LOST]),
  'an answer that is lost, and a session that ends then': [FAILURES[LOST], FAILURES[SESSION]],
};

/**
 * Fails the first requests of each kind: the first in the first way, and so on; answers the kinds that failed. `requests` gives the
 * method of each kind and the expression of its path.
 */
export async function failEach(page, requests, ways) {
  const counts = {};
  const failed = [];
  const known = Object.entries(requests).map(([kind, [method, path]]) => [kind, method, new RegExp(`^${path}$`)]);
  await page.route('**/api/v1/**', async (route) => {
    const { pathname, search } = new URL(route.request().url());
    const path = pathname.replace('/api/v1', '') + search;
    const [kind] = known.find(([, method, expression]) => route.request().method() === method && expression.test(path)) ?? [];
    const count = counts[kind] ?? 0;
    if (!kind || count >= ways.length) return route.fallback();
    counts[kind] = count + 1;
    if (!count) failed.push(kind);
    return ways[count](route);
  });
  return failed;
}
