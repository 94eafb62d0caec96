// The first view of each page with an empty cache: its bytes and its requests over HTTP/1.1.

import { readFile } from 'node:fs/promises';
import { photo } from './picture.js';
import { expect, test } from './stagedoor.js';

const BYTES_MAX = 60_000;
const REQUESTS_MAX = 8;
/** How long no request must be under way before a page counts as loaded, in milliseconds. */
const QUIET = 1000;
const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/** Sees what a page loads: the bytes over the wire, and the requests. A stream of events counts with what has come of it. */
async function watch(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  const seen = { requests: new Map(), open: new Set(), at: Date.now() };
  const note = (id, change) => {
    seen.at = Date.now();
    const known = seen.requests.get(id);
    if (known) Object.assign(known, change(known));
  };
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    // Pictures in the browser's own parts, such as that of a field for a date, are no requests.
    if (request.url.startsWith('data:')) return;
    seen.requests.set(requestId, { method: request.method, url: new URL(request.url), bytes: 0 });
    seen.open.add(requestId);
    seen.at = Date.now();
  });
  session.on('Network.responseReceived', ({ requestId, response }) => {
    note(requestId, () => ({ bytes: response.encodedDataLength }));
    if (response.mimeType === 'text/event-stream') seen.open.delete(requestId);
  });
  session.on('Network.dataReceived', ({ requestId, encodedDataLength }) => note(requestId, ({ bytes }) => ({ bytes: bytes + encodedDataLength })));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    note(requestId, () => ({ bytes: encodedDataLength }));
    seen.open.delete(requestId);
  });
  session.on('Network.loadingFailed', ({ requestId }) => seen.open.delete(requestId));
  return seen;
}

/** Loads a page until `done` is in sight and nothing is under way. Its icon is in the page: no request. */
async function firstView(page, seen, path, done) {
  seen.requests.clear();
  seen.open.clear();
  await page.goto(path);
  await expect(page.getByRole('main').getByRole('heading', { level: 1, name: done })).toBeVisible();
  await expect.poll(() => seen.open.size === 0 && Date.now() - seen.at > QUIET, { intervals: [50] }).toBe(true);
  const requests = [...seen.requests.values()];
  expect(await page.locator('link[rel=icon]').getAttribute('href')).toMatch(/^data:/);
  return { path, requests, bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** What is measured: an address of a page, who visits it, and the heading by which it is known. */
async function viewsOf(service) {
  const plan = {
    stage: { x: 0, y: -4, width: 8, height: 3 }, zones: [{ code: 'R', name: 'R', colour: '#7b3fa0' }],
    sections: [{ name: 'Stalls', zone: 'R', x: 0, y: 0, rows: Array.from({ length: 12 }, (_, index) => ({ label: String(index + 1), seats: 20 })) }],
  };
  const hall = await service.hallWith(plan);
  const large = await service.concert({ rows: 100, columns: 200 });
  const closed = await service.concert({ policy: { capacity: 0 } });
  const made = [];
  for (let count = 0; count < 8; count += 1) made.push(await service.concert({ plan: { hallId: hall.id, prices: { R: 10_000 } } }));
  const poster = photo(800, 1200);
  for (const concert of made) await service.showPoster(concert, poster);
  const [concert, several, held] = made;
  await service.addDate(several);
  const { email, token, reservation } = await service.buy(concert, [1, 2]);
  const { items: [ticket] } = await service.call('GET', '/tickets', { token });
  for (const another of made.slice(3)) await service.holdWith((await service.call('POST', `/concerts/${another.id}/queue-tokens`, { token })).token, another, [1]);
  const holder = await service.buy(held, [1]);
  const { token: pass } = await service.call('POST', `/concerts/${held.id}/queue-tokens`, { token: holder.token });
  await service.holdWith(pass, held, [3, 4]);
  const fan = { email };
  const operator = { email: 'operator@example.com' };
  const organizer = { email: 'organizer@example.com' };
  return [
    ['/', { email: null }, 'Concerts'],
    ['/pages/sign-in', { email: null }, 'Sign in'],
    ['/pages/sign-up', { email: null }, 'Sign up'],
    ['/pages/concerts/{id}', { email: null }, concert.title, concert.id],
    ['/pages/concerts/{id}/book', fan, 'You are in the queue', closed.id],
    ['/pages/concerts/{id}/book', fan, 'Choose a date', several.id],
    ['/pages/concerts/{id}/book', fan, 'Choose your seats', concert.id],
    ['/pages/concerts/{id}/book', fan, 'Choose your seats', large.id],
    ['/pages/concerts/{id}/book', { email: holder.email }, 'Pay', held.id],
    ['/pages/tickets', fan, 'My tickets'],
    ['/pages/tickets/{id}', fan, 'Your ticket', ticket.id],
    ['/pages/reservations/{id}', fan, 'Your tickets', reservation.id],
    ['/pages/points', fan, 'My points'],
    ['/pages/account', fan, 'Your account'],
    ['/pages/forgot-password', { email: null }, 'Forgot the password?'],
    ['/pages/reset-password', { email: null }, 'Set a new password'],
    ['/pages/verify-email', { email: null }, 'Confirm your e-mail address'],
    ['/pages/rooms', operator, 'Waiting rooms'],
    ['/pages/rooms/{id}', operator, concert.title, concert.room.id],
    ['/pages/orders', operator, 'Orders'],
    ['/pages/people', operator, 'Find a person'],
    ['/pages/operator-actions', operator, 'Operator actions'],
    ['/pages/concerts/{id}/sales', organizer, /Sales/, concert.id],
    ['/pages/concerts/{id}/orders', organizer, concert.title, concert.id],
    ['/pages/concerts/{id}/dates', organizer, concert.title, concert.id],
    ['/pages/organize', organizer, 'Announce a concert'],
    ['/pages/organize/concerts', organizer, 'My concerts'],
    ['/pages/organize/concerts/{id}', organizer, /^Edit/, concert.id],
    ['/pages/door', organizer, 'Doors'],
    ['/pages/door/{id}', organizer, concert.title, concert.schedules[0].id],
    ['/pages/venues', organizer, 'Venues'],
    ['/pages/venues/{id}', organizer, /^Venue/, hall.venueId],
    ['/pages/halls/{id}', organizer, hall.name, hall.id],
    ['/pages/halls/{id}/plan', organizer, /^Seat plan/, hall.id],
  ];
}

test('each first view takes at most 8 requests and 60 kB', async ({ service, visitor }) => {
  test.setTimeout(600_000);
  const views = await viewsOf(service);
  const lines = [];
  const wrong = [];
  for (const [size, viewport] of Object.entries(SIZES)) {
    let visit = {};
    for (const [address, who, done, id] of views) {
      if (visit.email !== who.email) {
        const page = await visitor({ ...who, viewport });
        visit = { email: who.email, page, seen: await watch(page) };
      }
      const { bytes, requests } = await firstView(visit.page, visit.seen, address.replace('{id}', id), done);
      lines.push(`${size}: ${address} (${done}): ${(bytes / 1000).toFixed(1)} kB, ${requests.length} requests`);
      const named = requests.map((request) => `${request.method} ${request.url.pathname}${request.url.search.slice(0, 30)} ${request.bytes}`);
      const isSmall = bytes <= BYTES_MAX && requests.length <= REQUESTS_MAX;
      if (!isSmall) wrong.push(`${lines.at(-1)}\n  ${named.join('\n  ')}`);
    }
  }
  console.log(lines.join('\n'));
  const app = await readFile(new URL('../../crates/http/pages/src/app.jsx', import.meta.url), 'utf8');
  const pages = [...app.matchAll(/^ {2}\['(\/[^']*)', /gm)].map(([, address]) => address);
  expect(pages.length).toBeGreaterThan(20);
  expect(pages.filter((page) => !views.some(([address]) => address === page)), 'pages that are not measured').toEqual([]);
  expect(wrong.join('\n')).toBe('');
});

test('the other posters of a list, and sharper ones, follow when the page is at rest or the user does something', async ({ service, visitor }) => {
  const poster = photo(800, 1200);
  for (let count = 0; count < 5; count += 1) await service.showPoster(await service.concert(), poster);
  const act = { 'at rest': () => {}, moved: (page) => page.mouse.move(300, 300) };
  for (const [name, does] of Object.entries(act)) {
    const page = await visitor({ email: null, viewport: SIZES.desk });
    const shown = () => page.locator('img.poster').evaluateAll((images) => images.map(({ currentSrc }) => Number(currentSrc.split('/').at(-1))));
    const loaded = [];
    page.on('request', (request) => { if (request.url().includes('/poster/')) loaded.push(Number(request.url().split('/').at(-1))); });
    await page.goto('/');
    await expect.poll(async () => (await shown()).length, { message: name }).toBe(4);
    expect(loaded.slice(0, 4), name).toEqual([160, 160, 160, 160]);

    await does(page);

    await expect.poll(async () => (await shown()).filter((width) => width >= 320).length, { message: name }).toBeGreaterThanOrEqual(5);
  }
});
