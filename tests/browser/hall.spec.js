// A hall with a seat plan: turned and curved sections, accessible seats, a standing area.

import { clickSeat, expect, test } from './stagedoor.js';

const PLAN = {
  stage: { x: -5, y: -5, width: 10, height: 3, label: 'STAGE' },
  zones: [{ code: 'R', name: 'Front', colour: '#7b3fa0' }, { code: 'S', name: 'Back', colour: '#0f766e' }, { code: 'A', name: 'Arena', colour: '#c2410c' }],
  sections: [
    {
      name: 'Left', zone: 'R', x: -12, y: 2, angle: -20,
      rows: [
        { label: 'A', seats: 6, firstNumber: 101, curve: 0.5, aisles: [3], exceptions: [{ seat: 1, kind: 'ACCESSIBLE' }, { seat: 2, kind: 'COMPANION' }, { seat: 6, kind: 'ABSENT' }] },
        { label: 'B', seats: 6, direction: 'rtl', exceptions: [{ seat: 6, kind: 'RESTRICTED_VIEW', zone: 'S' }] },
      ],
    },
    { name: 'Right', zone: 'S', x: 4, y: 0, angle: 20, rows: [{ label: 'A', seats: 6 }, { label: 'B', seats: 6 }] },
    { name: 'Pit', zone: 'A', x: -3, y: 0, standing: { capacity: 200, width: 6, height: 3 } },
  ],
};
const PRICES = { R: 90_000, S: 60_000, A: 40_000 };

const open = async (service, visitor, options) => {
  const concert = await service.concert({ plan: await service.hall(PLAN, PRICES) });
  const page = await visitor(options);
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
  return { concert, page };
};

test('seats are called as they are printed, on the map and on the ticket', async ({ service, visitor }) => {
  const { page } = await open(service, visitor);
  await clickSeat(page, 'Left, row A', 'seat 103');
  await clickSeat(page, 'Left, row B', 'seat 6');
  await expect(page.locator('.chosen li')).toHaveText([/Left, row A, seat 103/, /Left, row B, seat 6/]);
  await expect(page.getByRole('complementary').getByText('180,000 points')).toBeVisible();
  await page.getByRole('button', { name: 'Hold these seats' }).click();
  await page.getByRole('button', { name: /^Charge/ }).click();
  await page.getByRole('button', { name: /^Pay/ }).click();

  await expect(page.getByRole('heading', { name: 'Your tickets' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'Left, row A, seat 103' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'Left, row B, seat 6' })).toBeVisible();
});

test('accessible seats are said, and can be looked at alone, also with the keyboard', async ({ service, visitor }) => {
  const { page } = await open(service, visitor);
  const seat = (name) => page.getByRole('gridcell').getByRole('button', { name });
  await expect(seat('Left, row A, seat 101, wheelchair place, 90,000 points, Free')).toBeVisible();
  await page.getByRole('button', { name: 'Accessible: 2 free' }).click();
  await seat(/^Left, row A, seat 101,/).focus();

  await page.keyboard.press('ArrowRight');
  await expect(seat('Left, row A, seat 102, companion seat, 90,000 points, Free')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(seat(/^Left, row A, seat 102,/)).toBeFocused();
  await page.keyboard.press('Enter');

  await expect(page.locator('.chosen li')).toHaveText(/Left, row A, seat 102, companion seat/);
  await expect(page.getByRole('button', { name: /^Right .*0 seats free/ })).toBeVisible();
});

test('places of a standing area are chosen by their number, and held', async ({ service, visitor }) => {
  const { page, concert } = await open(service, visitor);
  await page.getByRole('button', { name: /^Pit 40,000 points/ }).click();
  await expect(page.getByRole('button', { name: 'Pit: one more' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toHaveText('Pit, standing: 2 chosen');
  await expect(page.locator('.chosen li')).toHaveText(/Pit, standing × 2/);
  await page.getByRole('button', { name: 'Pit: one fewer' }).click();
  await page.getByRole('button', { name: 'Pit: one more' }).click();

  await page.getByRole('button', { name: 'Hold these seats' }).click();
  await expect(page.getByRole('main').getByText(/held for you for/)).toBeVisible();
  await expect(page.getByRole('main').getByText(/^Pit, standing \d+$/)).toHaveCount(2);

  const { token } = await service.join(concert);
  const { states } = await service.call('GET', `/schedules/${concert.schedules[0].id}/seat-status`, { token });
  const held = [...Buffer.from(states, 'base64')].reduce((sum, byte) => sum + [0, 2, 4, 6].filter((shift) => (byte >> shift) & 3).length, 0);
  expect(held).toBe(2);
});

test('another user who takes a chosen standing place leaves the choice complete', async ({ service, visitor }) => {
  const { page, concert } = await open(service, visitor);
  await page.getByRole('button', { name: 'Pit: one more' }).click();
  await expect(page.locator('.chosen li')).toHaveText(/Pit, standing × 1/);
  const numbers = await page.evaluate(() => JSON.parse(Object.entries(sessionStorage).find(([key]) => key.startsWith('stagedoor:choice:'))[1]));

  await service.hold(concert, numbers);

  await expect(page.getByRole('button', { name: /^Pit 40,000 points/ })).toContainText('199 seats free');
  await expect(page.locator('.chosen li')).toHaveText(/Pit, standing × 1/);
});

test('a choice is kept when the page is left and returned to', async ({ service, visitor }) => {
  const { page, concert } = await open(service, visitor);
  await clickSeat(page, 'Left, row A', 'seat 103');
  await expect(page.locator('.chosen li')).toHaveText(/seat 103/);
  await page.getByRole('link', { name: concert.title }).click();
  await expect(page.getByRole('heading', { name: concert.title })).toBeVisible();

  await page.goBack();

  await expect(page.locator('.chosen li')).toHaveText(/Left, row A, seat 103/);
  await page.reload();
  await expect(page.locator('.chosen li')).toHaveText(/Left, row A, seat 103/);
});

test('Back leads from the seats to the dates, Forward to the seats again, and a reload stays there', async ({ service, visitor }) => {
  const concert = await service.concert();
  await service.addDate(concert);
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.locator('.choice').first().click();
  await clickSeat(page, 'Row 2', 'seat 3');
  await expect(page.locator('.chosen li')).toHaveText(/Row 2, seat 3/);

  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Choose a date' })).toBeVisible();
  await page.goForward();
  await expect(page.locator('.chosen li')).toHaveText(/Row 2, seat 3/);
  await page.reload();

  await expect(page.locator('.chosen li')).toHaveText(/Row 2, seat 3/);
  await page.getByRole('button', { name: 'Choose another date' }).click();
  await expect(page.getByRole('heading', { name: 'Choose a date' })).toBeVisible();
});

test('the best seats are asked for by section, by price and for wheelchairs', async ({ service, visitor }) => {
  const { page } = await open(service, visitor);
  const heldSeats = page.locator('.lines li');
  const takeBest = async (names) => {
    await page.getByRole('button', { name: 'Take them' }).click();
    await expect(page.getByRole('main').getByText(/held for you for/)).toBeVisible();
    await expect(heldSeats).toHaveText(names);
    await page.getByRole('button', { name: 'Release the seats' }).click();
    await page.locator('.choice').first().click();
    await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
  };

  await page.getByLabel('Where').selectOption('Right · 60,000 points');
  await takeBest([/^Right, row/, /^Right, row/]);
  await page.getByLabel('Where').selectOption('Front · 90,000 points');
  await takeBest([/^Left, row/, /^Left, row/]);
  await page.getByLabel('Where').selectOption('Pit · 40,000 points');
  await takeBest([/^Pit, standing/, /^Pit, standing/]);
  await page.getByRole('checkbox', { name: 'Accessible' }).check();
  await takeBest([/^Left, row A, seat 101/, /^Left, row A, seat 102/]);
});

test('a blocked seat is said to be not for sale, and cannot be chosen', async ({ service, visitor }) => {
  const concert = await service.concert({ plan: await service.hall(PLAN, PRICES) });
  const body = { seatNumbers: [3], reason: 'The mixing desk stands here.' };
  await service.call('POST', `/schedules/${concert.schedules[0].id}/seat-blocks`, { token: await service.organizer(), body });
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);

  await page.getByRole('gridcell').getByRole('button', { name: 'Left, row A, seat 103, 90,000 points, Not for sale' }).focus();
  await page.keyboard.press('Enter');

  await expect(page.getByRole('main').getByRole('alert')).toHaveText('Left, row A, seat 103 is not for sale. Choose another seat.');
});

/** Keeps what the page writes on a canvas: each text with its point in pixels of the window. */
const keepTexts = (page) => page.addInitScript(() => {
  window.texts = [];
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function keep(text, x, y, ...more) {
    window.texts.push({ text, x, y });
    return fillText.call(this, text, x, y, ...more);
  };
});

/** What is written when the map is drawn anew. */
const textsOf = async (page) => {
  await page.evaluate(() => { window.texts = []; });
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => page.evaluate(() => window.texts.length)).toBeGreaterThan(0);
  return page.evaluate(() => window.texts);
};

test('each of 40 sections is named on the map of a phone', async ({ service, visitor }) => {
  const names = Array.from({ length: 40 }, (_, index) => `${Math.floor(index / 8) + 1}${'ABCDEFGH'[index % 8]}`);
  const sections = names.map((name, index) => ({
    name, zone: 'R', x: (index % 8) * 24, y: 8 + Math.floor(index / 8) * 24, rows: Array.from({ length: 20 }, (_, row) => ({ label: String(row + 1), seats: 20 })),
  }));
  const plan = { stage: { x: 80, y: -8, width: 30, height: 6 }, zones: PLAN.zones.slice(0, 1), sections };
  const concert = await service.concert({ plan: await service.hall(plan, { R: 90_000 }) });
  const page = await visitor({ viewport: { width: 390, height: 844 }, colorScheme: 'light' });
  await keepTexts(page);
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.locator('.drawing canvas')).toBeVisible();

  const texts = await textsOf(page);

  expect(texts.map(({ text }) => text).filter((text) => names.includes(text)).sort()).toEqual(names.sort());
});

test('names of curved rows that begin out of sight stand beside the seats that are seen', async ({ service, visitor }) => {
  const rows = ['A', 'B', 'C'].map((label) => ({ label, seats: 60, curve: 9 }));
  const sections = [{ name: 'Hall', zone: 'R', x: -30, y: 4, rows }, { name: 'Back', zone: 'R', x: -30, y: 40, rows: [{ label: 'D', seats: 60 }] }];
  const plan = { ...PLAN, zones: PLAN.zones.slice(0, 1), sections };
  const concert = await service.concert({ plan: await service.hall(plan, { R: 90_000 }) });
  const page = await visitor({ viewport: { width: 390, height: 844 }, colorScheme: 'light' });
  await keepTexts(page);
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.getByRole('button', { name: /^Hall / }).click();
  await expect(page.locator('.seat-map .zoomed')).toBeVisible();

  const texts = await textsOf(page);

  for (const label of ['A', 'B', 'C']) {
    const name = texts.find(({ text }) => text === label);
    const seats = texts.filter(({ text, x }) => /^\d+$/.test(text) && Math.abs(x - name.x) < 40);
    const away = Math.min(...seats.map(({ y }) => Math.abs(y - name.y)));
    expect(away, `pixels from the name of row ${label} to a seat of it`).toBeLessThan(4);
  }
});
