// A session that ends, in this tab or another, and answers that fail or are lost: held seats are not lost.

import { clickSeat, expect, signIn, test } from './stagedoor.js';

const CLOSED = { capacity: 0, admitIntervalSeconds: 1 };
const HELD = /held for you for/;

/** Answers requests of this path with 503 until `tryAgain`. */
function busy(page, path, seconds) {
  return page.route(path, (route) => route.fulfill({
    status: 503, headers: { 'retry-after': `${seconds}` }, contentType: 'application/problem+json', body: '{"detail":"Too busy."}',
  }));
}

async function tryAgain(page) {
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
}

/** Answers the first request of this kind with a problem. */
async function failOnce(page, method, path, status, headers = {}) {
  let failed = false;
  await page.route(`**/api/v1${path}`, (route) => {
    if (failed || route.request().method() !== method) return route.fallback();
    failed = true;
    return route.fulfill({ status, headers, contentType: 'application/problem+json', body: '{}' });
  });
  return () => failed;
}

test('a fan whose session ends in line is admitted, books, and signs in again for the ticket', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: CLOSED });
  const { email } = await service.newUser();
  const page = await visitor({ email });
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('You are next')).toBeVisible();

  await page.context().clearCookies();
  await service.updateRoom(concert, { capacity: 10 });
  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
  await page.getByRole('button', { name: 'Take them' }).click();
  await page.getByRole('button', { name: /^Charge/ }).click();
  await page.getByRole('button', { name: /^Pay/ }).click();

  await expect(page.getByRole('main').getByText('Your session has ended')).toBeVisible();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('stagedoor');
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Your tickets' })).toBeVisible();
});

test('a fan whose session and queue token have both expired signs in and returns to the held seats', async ({ service, visitor }) => {
  const concert = await service.concert();
  const { email } = await service.newUser();
  const page = await visitor({ email });
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.getByRole('button', { name: 'Take them' }).click();
  await expect(page.getByRole('main').getByText(HELD)).toBeVisible();
  await page.context().clearCookies();
  await page.route('**/api/v1/**', (route) => {
    const isOver = route.request().headers().authorization;
    return isOver ? route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"code":"UNAUTHENTICATED"}' }) : route.fallback();
  });

  await page.getByRole('button', { name: /^Charge/ }).click();
  await expect(page.getByRole('main').getByText('Your session has ended').first()).toBeVisible();
  await page.unrouteAll();
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).first().click();
  await expect(page.getByRole('main').getByText('your held seats are kept')).toBeVisible();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('stagedoor');
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();

  await expect(page.getByRole('main').getByText(HELD)).toBeVisible();
});

test('signing out in another tab ends the booking here with a way back to the held seats', async ({ service, visitor }) => {
  const concert = await service.concert();
  const { email } = await service.newUser();
  const page = await visitor({ email });
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.getByRole('button', { name: 'Take them' }).click();
  await expect(page.getByRole('main').getByText(HELD)).toBeVisible();
  const other = await page.context().newPage();
  await other.goto('/');

  await other.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'You signed out in another tab' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Sign out' })).toHaveCount(0);
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('stagedoor');
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();

  await expect(page.getByRole('main').getByText(HELD)).toBeVisible();
});

test('another account that signs in in another tab does not take this page over silently', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: CLOSED });
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('You are next')).toBeVisible();
  const other = await page.context().newPage();

  await signIn(other, 'operator@example.com');

  await expect(page.getByRole('heading', { name: 'Another account is signed in' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Go on as Demo Operator' })).toBeVisible();
});

test('one 503 for the holds as the turn comes is asked again and the fan is let in', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: CLOSED });
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('You are next')).toBeVisible();
  const failed = await failOnce(page, 'GET', '/reservations?*', 503, { 'retry-after': '2' });

  await service.updateRoom(concert, { capacity: 10 });

  await expect(page.getByText('The service is busy. Trying again in 2 seconds.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
  expect(failed()).toBe(true);
  await expect(page.getByText('The service is busy')).toBeHidden();
});

test('a service that stays out of reach as the turn comes is told with the time left, and tried again', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: CLOSED });
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('You are next')).toBeVisible();
  await busy(page, '**/api/v1/reservations?*', 30);

  await service.updateRoom(concert, { capacity: 10 });
  await expect(page.getByRole('heading', { name: 'It is your turn' })).toBeVisible();
  await expect(page.getByRole('main').getByText(/Your time to shop: \d+:\d\d/)).toBeVisible();
  await expect(page.getByRole('main').getByText('Too busy. Try again in 30 seconds.')).toBeVisible();
  await tryAgain(page);

  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
});

test('a balance that cannot be read hides neither the held seats nor their time', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await busy(page, '**/api/v1/points', 60);

  await page.getByRole('button', { name: 'Take them' }).click();
  await expect(page.getByRole('main').getByText(/held for you for 4:5\d/)).toBeVisible();
  await expect(page.getByRole('main').getByText('Row 1, seat')).toHaveCount(2);
  await expect(page.getByRole('main').getByText('Too busy. Try again in 60 seconds.')).toBeVisible();
  await expect(page.getByRole('main').getByText(/held for you for 4:4\d/)).toBeVisible();
  await tryAgain(page);

  await expect(page.getByRole('button', { name: 'Charge 20,000 points' })).toBeVisible();
});

test('a hold whose answer is lost is asked for under the same key and made once', async ({ service, visitor }) => {
  const concert = await service.concert();
  const { email, token } = await service.newUser();
  const page = await visitor({ email });
  await page.goto(`/pages/concerts/${concert.id}/book`);
  const keys = [];
  await page.route('**/api/v1/reservations', async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    if (keys.length > 1) return route.fallback();
    await route.fetch();
    return route.abort('connectionreset');
  });

  await page.getByRole('button', { name: 'Take them' }).click();

  await expect(page.getByRole('main').getByText(HELD)).toBeVisible();
  expect(keys).toHaveLength(2);
  expect(keys[0]).toMatch(/^\S+$/);
  expect(keys[1]).toBe(keys[0]);
  const { items } = await service.call('GET', '/reservations', { token });
  expect(items).toHaveLength(1);
});

test('a hold that no answer ever told of is recognised as one\'s own', async ({ service, visitor }) => {
  const concert = await service.concert();
  const { email, token } = await service.newUser();
  const page = await visitor({ email });
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.route('**/api/v1/reservations', async (route) => {
    await route.fetch();
    return route.abort('connectionreset');
  });

  await page.getByRole('button', { name: 'Take them' }).click();

  // The page asks several times, ever later.
  await expect(page.getByRole('main').getByText(HELD)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('main').getByText('You hold these seats already.')).toBeVisible();
  const { items } = await service.call('GET', '/reservations', { token });
  expect(items).toHaveLength(1);
});

test('seats that one holds in another tab are gone on with here', async ({ service, visitor }) => {
  const concert = await service.concert();
  const { email, token } = await service.newUser();
  const page = await visitor({ email });
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
  // The map does not learn of it.
  await page.route('**/seats/events*', (route) => route.abort());
  await page.route('**/seat-status', (route) => route.fulfill({ status: 304 }));
  await clickSeat(page, 'Row 1', 'seat 1');
  const pass = await service.call('POST', `/concerts/${concert.id}/queue-tokens`, { token });
  await page.route('**/api/v1/reservations', async (route) => {
    await service.call('POST', '/reservations', { token: pass.token, body: { scheduleId: concert.schedules[0].id, seatNumbers: [1] } }).catch(() => {});
    await route.fallback();
  });

  await page.getByRole('button', { name: 'Hold these seats' }).click();

  await expect(page.getByRole('main').getByText(HELD)).toBeVisible();
});

test('a failed click on a date and a failed join are told, and Retry-After is kept', async ({ service, visitor }) => {
  const concert = await service.concert();
  await service.addDate(concert);
  const page = await visitor();
  const refused = [];
  await page.route('**/queue-tokens', async (route) => {
    refused.push(Date.now());
    if (refused.length > 1) return route.fallback();
    return route.fulfill({ status: 503, headers: { 'retry-after': '3' }, contentType: 'application/problem+json', body: '{}' });
  });
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByText('The service is busy. Trying again in 3 seconds.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Choose a date' })).toBeVisible();
  expect(refused[1] - refused[0]).toBeGreaterThanOrEqual(2_900);

  await busy(page, '**/plan', 40);
  await page.locator('.choice').first().click();
  await expect(page.getByRole('main').getByText('Too busy. Try again in 40 seconds.')).toBeVisible();
  await tryAgain(page);

  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
});

test('where points cannot be charged, the checkout and the points page say so and offer no charge', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor();
  await page.route('**/api/v1/points', async (route) => {
    const response = await route.fetch();
    return route.fulfill({ response, json: { ...await response.json(), directCharges: false } });
  });
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.getByRole('button', { name: 'Take them' }).click();

  await expect(page.getByRole('main').getByText('Points cannot be charged here. Ask the box office.')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Charge/ })).toHaveCount(0);
  await page.goto('/pages/points');
  await expect(page.getByRole('main').getByText('Points cannot be charged here. Ask the box office.')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Charge/ })).toHaveCount(0);
});
