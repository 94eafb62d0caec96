// What every page shows and keeps: a live hold or position, and what was typed.

import { expect, test } from './stagedoor.js';

const CLOSED = { capacity: 0, admitIntervalSeconds: 1 };
const bar = (page) => page.getByRole('complementary', { name: 'Your booking' });

test('a hold is shown on every page with its remaining time and the way to pay', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.getByRole('button', { name: 'Take them' }).click();
  await expect(page.getByRole('main').getByText('held for you for')).toBeVisible();

  for (const path of ['/', '/pages/points', `/pages/concerts/${concert.id}`, '/pages/account']) {
    await page.goto(path);
    await expect(bar(page)).toContainText(/your seats are held for [45]:\d\d/);
  }
  await bar(page).getByRole('link', { name: 'Pay' }).click();

  await expect(page.getByRole('main').getByText('held for you for')).toBeVisible();
  await expect(bar(page)).toHaveCount(0);
});

test('a position in the queue is shown on every page, also in another tab, and follows to the turn', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: CLOSED });
  const ahead = await service.join(concert);
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('People ahead of you: 1')).toBeVisible();

  await page.getByRole('link', { name: 'My points' }).click();
  await expect(bar(page)).toContainText('position 2 in the queue');
  const other = await page.context().newPage();
  await other.goto('/');
  await expect(bar(other)).toContainText('position 2 in the queue');
  await service.call('DELETE', '/queue-tokens/me', { token: ahead.token });
  await expect(bar(page)).toContainText('position 1 in the queue');
  await service.updateRoom(concert, { capacity: 10 });
  await expect(bar(page)).toContainText('it is your turn');
  await expect(bar(other)).toContainText('it is your turn');
  await bar(page).getByRole('link', { name: 'Choose seats' }).click();

  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
});

test('signing out takes the position off the pages', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: CLOSED });
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('You are next')).toBeVisible();
  await page.getByRole('link', { name: 'Concerts' }).click();
  await expect(bar(page)).toBeVisible();

  await page.getByRole('button', { name: 'Sign out' }).click();

  await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible();
  await expect(bar(page)).toHaveCount(0);
});

test('a change of language or theme keeps what was typed', async ({ visitor }) => {
  const page = await visitor({ email: 'organizer@example.com' });
  await page.goto('/pages/organize');
  await page.getByLabel('Title').fill('A summer evening');
  await page.getByLabel('Rows').fill('7');
  await page.getByRole('button', { name: 'Add a section' }).click();

  await page.getByRole('button', { name: '한국어' }).click();
  await page.getByRole('button', { name: /색상/ }).click();

  await expect(page.getByRole('heading', { name: '공연 등록' })).toBeVisible();
  await expect(page.getByLabel('제목')).toHaveValue('A summer evening');
  await expect(page.getByLabel('열 수').first()).toHaveValue('7');
  await expect(page.getByRole('group', { name: '구역 2' })).toBeVisible();
});

test('a form that was filled in asks before it is left', async ({ visitor }) => {
  const page = await visitor({ email: 'organizer@example.com' });
  await page.goto('/pages/organize');
  await page.getByLabel('Title').fill('A summer evening');

  page.once('dialog', (dialog) => dialog.dismiss());
  await page.getByRole('link', { name: 'My points' }).click();
  await expect(page.getByLabel('Title')).toHaveValue('A summer evening');
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('link', { name: 'My points' }).click();

  await expect(page.getByRole('heading', { name: 'My points' })).toBeVisible();
});

test('the theme is chosen by hand, and kept', async ({ visitor }) => {
  const page = await visitor({ email: null, colorScheme: 'light' });
  await page.goto('/');
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();

  await page.getByRole('button', { name: /Colours/ }).click();
  await page.getByRole('button', { name: 'Colours: light' }).click();
  const dark = await ground();
  await page.reload();

  await expect(page.getByRole('button', { name: 'Colours: dark' })).toBeVisible();
  expect(dark).not.toBe(light);
  expect(await ground()).toBe(dark);
});

for (const locale of ['en-GB', 'ko-KR']) {
  test(`the header of an operator has one line in windows of every width, ${locale}`, async ({ visitor }) => {
    const page = await visitor({ locale, email: 'operator@example.com' });

    for (const width of [320, 640, 961, 1121, 1280, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      const { height } = await page.getByRole('banner').boundingBox();
      expect(height, `${width} px`).toBeLessThan(72);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${width} px`).toBeLessThanOrEqual(0);
    }
  });
}
