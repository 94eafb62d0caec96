// A hall of 20,000 seats on a slow phone: bytes, which are bounded, and times, which are reported.

import { expect, test } from './stagedoor.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
/** A quarter of the speed of this machine; 1.6 Mbit/s with 150 ms there and back. */
const SLOWDOWN = 4;
const NETWORK = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };
/** The most bytes of the plan and the states together. */
const BYTES_MAX = 50_000;

/** 40 turned sections of 20 curved rows of 25 seats, in four prices. */
function plan() {
  const zones = ['A', 'B', 'C', 'D'].map((code, index) => ({ code, name: `Zone ${code}`, colour: ['#7b3fa0', '#c2410c', '#0f766e', '#1d4ed8'][index] }));
  const sections = Array.from({ length: 40 }, (_, index) => {
    const [ring, part] = [Math.floor(index / 10), index % 10];
    const angle = 67.5 - part * 15;
    const turn = (angle * Math.PI) / 180;
    const radius = 100 + ring * 26;
    return {
      name: `${ring + 1}${String.fromCharCode(65 + part)}`, zone: zones[ring].code, angle,
      x: Number((-Math.sin(turn) * radius - Math.cos(turn) * 12).toFixed(2)), y: Number((Math.cos(turn) * radius - Math.sin(turn) * 12).toFixed(2)),
      rows: Array.from({ length: 20 }, (__, row) => ({
        label: String(row + 1), seats: 25, curve: 0.8,
        exceptions: row === 19 ? [{ seat: 1, kind: 'ACCESSIBLE' }, { seat: 2, kind: 'COMPANION' }] : [],
      })),
    };
  });
  return { stage: { x: -20, y: -10, width: 40, height: 12, label: 'STAGE' }, zones, sections };
}

/** Has the page run as on a slow phone. */
async function slowDown(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', NETWORK);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
  return session;
}

/** Milliseconds from the start of the navigation until the seats are drawn, and to the last one of the requests before. */
const drawn = (page) => page.evaluate(() => {
  const [{ startTime }] = performance.getEntriesByName('seats drawn');
  const requests = performance.getEntriesByType('resource').filter((entry) => entry.responseEnd <= startTime);
  return { at: Math.round(startTime), answered: Math.round(Math.max(...requests.map((entry) => entry.responseEnd))), requests: requests.length };
});

test('a map of 20,000 seats takes few bytes, and is usable soon on a slow phone', async ({ service, visitor }) => {
  test.setTimeout(300_000);
  const concert = await service.concert({ plan: await service.hall(plan(), { A: 90_000, B: 70_000, C: 50_000, D: 30_000 }) });
  // Many seats are taken, here and there.
  const fans = await Promise.all(Array.from({ length: 12 }, () => service.join(concert)));
  await Promise.all(fans.map(({ token }, index) => service.holdWith(token, concert, [1, 2, 3, 4].map((seat) => index * 1500 + seat * 37))));
  const page = await visitor(PHONE);
  const session = await slowDown(page);
  // Signing in has filled it.
  await session.send('Network.clearBrowserCache');
  const bytes = new Map();
  const urls = new Map();
  session.on('Network.responseReceived', ({ requestId, response }) => urls.set(requestId, new URL(response.url).pathname));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => bytes.set(urls.get(requestId)?.split('/').at(-1), encodedDataLength));
  // The stream of events, whose first one has the states, does not end.
  session.on('Network.dataReceived', ({ requestId, encodedDataLength }) => {
    if (urls.get(requestId)?.endsWith('/events')) bytes.set('events', (bytes.get('events') ?? 0) + encodedDataLength);
  });

  const times = [];
  for (const visit of ['first', 'second']) {
    await page.goto(`/pages/concerts/${concert.id}/book`);
    await expect(page.locator('.drawing canvas')).toBeVisible();
    await page.waitForFunction(() => performance.getEntriesByName('seats drawn').length > 0);
    const { at, answered, requests } = await drawn(page);
    times.push(`${visit} visit ${at} ms (the last of ${requests} answers after ${answered} ms)`);
    if (visit === 'first') {
      // The browser tells sizes a little later than it draws.
      await expect.poll(() => bytes.get('plan') ?? 0).toBeGreaterThan(500);
      await expect.poll(() => bytes.get('events') ?? 0).toBeGreaterThan(100);
      expect(bytes.get('plan') + bytes.get('events'), [...bytes].join(' ')).toBeLessThan(BYTES_MAX);
      console.log(`20,000 seats: plan ${bytes.get('plan')} bytes, states ${bytes.get('events')} bytes, script ${bytes.get('chunk.js')} bytes`);
    }
  }
  console.log(`20,000 seats on a slow phone: usable after: ${times.join(', ')}`);
  const before = Date.now();
  await page.getByRole('button', { name: /^1E / }).tap();
  await expect(page.locator('.seat-map .zoomed')).toBeVisible();
  const section = Date.now() - before;
  await page.locator('.drawing canvas').tap();
  await expect(page.locator('.chosen li')).toHaveText(/1E, row \d+, seat \d+/);
  console.log(`a section is opened in ${section} ms, with the time of the test itself`);
});

test('a seat that one browser holds is taken in another that shows the hall', async ({ service, visitor }) => {
  const concert = await service.concert({ rows: 100, columns: 200 });
  const watching = await visitor();
  await watching.goto(`/pages/concerts/${concert.id}/book`);
  await expect(watching.getByRole('main').getByText('20,000 seats free')).toBeVisible();
  const holding = await visitor();
  await holding.goto(`/pages/concerts/${concert.id}/book`);
  await expect(holding.getByRole('main').getByText('20,000 seats free')).toBeVisible();
  await watching.evaluate(() => {
    const line = document.querySelector('.facts-line');
    new MutationObserver(() => { window.changedAt ??= Date.now(); }).observe(line, { subtree: true, characterData: true, childList: true });
  });

  const answered = holding.waitForResponse((response) => response.url().endsWith('/reservations') && response.request().method() === 'POST');
  const pressed = Date.now();
  await holding.getByRole('button', { name: 'Take them' }).click();
  await answered;
  const held = Date.now();
  await expect(watching.getByRole('main').getByText('19,998 seats free')).toBeVisible();

  const changed = await watching.evaluate(() => window.changedAt);
  console.log(`a hold is answered after ${held - pressed} ms, and seen in another browser ${changed - pressed} ms after the press`);
});
