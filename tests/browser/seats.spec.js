// The seat map: sections, the keyboard, a phone.

import { expect, test } from './stagedoor.js';

const SECTIONS = [
  { label: 'VIP', rows: 2, columns: 4, price: 150_000 }, { label: 'R', rows: 3, columns: 10, price: 90_000 },
];
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

test('the keyboard moves from section to section, from row to row and from seat to seat', async ({ service, visitor }) => {
  const concert = await service.concert({ sections: SECTIONS });
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  const seat = (name) => page.getByRole('grid', { name: 'Seat map' }).getByRole('button', { name });
  await seat('VIP, row 1, seat 1, 150,000 points, Free').focus();

  await page.keyboard.press('PageDown');
  await expect(seat('R, row 1, seat 1, 90,000 points, Free')).toBeFocused();
  await expect(page.getByRole('row', { name: 'R, row 1' }).getByRole('gridcell')).toHaveCount(10);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await expect(seat('R, row 2, seat 2, 90,000 points, Yours')).toBeFocused();
  await page.keyboard.press('PageUp');

  await expect(seat('VIP, row 1, seat 1, 150,000 points, Free')).toBeFocused();
  await expect(page.locator('.chosen li')).toHaveText(/R, row 2, seat 2/);
});

test('a taken seat says that it is taken', async ({ service, visitor }) => {
  const concert = await service.concert();
  await service.hold(concert, [1]);
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);

  await page.getByRole('button', { name: 'Row 1, seat 1, 10,000 points, Taken' }).focus();
  await page.keyboard.press('Enter');

  await expect(page.getByRole('main').getByRole('alert')).toHaveText('Row 1, seat 1 is taken. Choose another seat.');
  await expect(page.getByRole('main').getByText('No seat chosen yet')).toBeVisible();
});

test('on a phone a section leads to its seats, and the choice, the total, the time and the button stay in sight', async ({ service, visitor }) => {
  const concert = await service.concert({ sections: [SECTIONS[0], { label: 'R', rows: 30, columns: 40, price: 90_000 }] });
  const page = await visitor(PHONE);
  await page.goto(`/pages/concerts/${concert.id}/book`);

  await page.getByRole('button', { name: /^R .*90,000 points/ }).click();
  await expect(page.locator('.seat-map .zoomed')).toBeVisible();
  await expect(page.locator('canvas.mini')).toBeVisible();
  await page.locator('.drawing canvas').tap();

  await expect(page.locator('.chosen li')).toHaveText(/^R, row \d+, seat \d+/);
  await expect(page.locator('.chosen li')).toBeInViewport();
  await expect(page.getByRole('complementary').getByText('90,000 points').last()).toBeInViewport();
  await expect(page.getByRole('timer')).toBeInViewport();
  await expect(page.getByRole('button', { name: 'Hold these seats' })).toBeInViewport();
});

test('six prices have six colours, and forced colours keep seats and legend', async ({ service, visitor }) => {
  const sections = Array.from({ length: 6 }, (_, index) => ({ label: `S${index}`, rows: 1, columns: 5, price: (index + 1) * 10_000 }));
  const concert = await service.concert({ sections });
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.locator('.legend li')).toHaveCount(8);
  const colours = await page.locator('.legend .sample').evaluateAll((samples) => samples.slice(0, 6).map((sample) => getComputedStyle(sample).backgroundColor));
  expect(new Set(colours).size).toBe(6);

  const pixel = (part) => page.evaluate((share) => {
    const canvas = document.querySelector('.drawing canvas');
    const frame = canvas.getBoundingClientRect();
    const cursor = document.querySelector('.cursor').getBoundingClientRect();
    const ratio = canvas.width / frame.width;
    const [x, y] = share ? [cursor.x - frame.x + cursor.width * share, cursor.y - frame.y + cursor.height * 0.3] : [2, 2];
    return [...canvas.getContext('2d').getImageData(x * ratio, y * ratio, 1, 1).data].join();
  }, part);
  const before = await pixel(0.3);

  await page.emulateMedia({ forcedColors: 'active' });

  await expect.poll(() => pixel(0.3)).not.toBe(before);
  expect(await pixel(0.3)).not.toBe(await pixel(0));
  const ground = await page.locator('.seat-map').evaluate((element) => getComputedStyle(element).backgroundColor);
  const sample = await page.locator('.legend .sample').first().evaluate((element) => getComputedStyle(element).backgroundColor);
  expect(sample).not.toBe(ground);
});

/** Ways in which a stream of events says nothing. */
const SILENCES = {
  'is held back by a proxy': () => {},
  'is refused, because the user has too many (429)': (route) => route.fulfill({
    status: 429, headers: { 'content-type': 'application/problem+json', 'retry-after': '5' }, body: JSON.stringify({ status: 429, code: 'RATE_LIMITED', detail: 'Too many' }),
  }),
  'is refused with a conflict (409)': (route) => route.fulfill({
    status: 409, headers: { 'content-type': 'application/problem+json' }, body: JSON.stringify({ status: 409, code: 'CONFLICT_FOR_A_TEST', detail: 'A conflict' }),
  }),
};

for (const [name, answer] of Object.entries(SILENCES)) {
  test(`where the stream of the seats ${name}, they are read instead, and stay current`, async ({ service, visitor }) => {
    const concert = await service.concert();
    const page = await visitor();
    const streams = [];
    await page.route('**/seats/events*', (route) => {
      streams.push(Date.now());
      return answer(route);
    });
    await page.goto(`/pages/concerts/${concert.id}/book`);
    await expect(page.getByRole('main').getByText('50 seats free')).toBeVisible();
    expect(streams).toHaveLength(1);

    await service.hold(concert, [1, 2]);

    await expect(page.getByRole('main').getByText('48 seats free')).toBeVisible();
    await service.hold(concert, [3]);
    await expect(page.getByRole('main').getByText('47 seats free')).toBeVisible();
    await expect(page.getByRole('main').getByRole('alert')).toHaveCount(0);
  });
}
