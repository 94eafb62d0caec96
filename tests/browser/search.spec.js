// The search among the concerts.

import { randomUUID } from 'node:crypto';
import { expect, openMenu, test } from './stagedoor.js';

const day = (offset) => new Date(Date.now() + offset * 86_400_000 + 9 * 3_600_000).toISOString().slice(0, 10);

test('concerts are found by words and days, the search is in the address, and Back leads to the one before', async ({ service, visitor }) => {
  const word = randomUUID().slice(0, 8);
  await service.concert({ title: `Moonlight ${word}` });
  await service.concert({ title: `Sunrise ${word}` });
  const page = await visitor({ email: null });
  const cards = page.getByRole('main').getByRole('heading', { level: 2 });
  await page.goto('/');
  await page.getByLabel('Title, artist or tag').fill(`moonlight ${word}`);
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(cards).toHaveText([`Moonlight ${word}`]);
  await expect(page).toHaveURL(/\?q=moonlight\+/);

  await page.getByLabel('Title, artist or tag').fill(word);
  // Its only date is the day after tomorrow.
  await page.getByLabel('From').fill(day(1));
  await page.getByLabel('To', { exact: true }).fill(day(3));
  await page.keyboard.press('Enter');
  await expect(cards).toHaveCount(2);
  await page.goBack();
  await expect(cards).toHaveText([`Moonlight ${word}`]);
  await expect(page.getByLabel('Title, artist or tag')).toHaveValue(`moonlight ${word}`);
  await page.goForward();
  await page.reload();

  await expect(cards).toHaveCount(2);
  await expect(page.getByLabel('From')).toHaveValue(day(1));
});

test('a search that finds nothing says so with a way back to all concerts', async ({ service, visitor }) => {
  const { title } = await service.concert();
  const page = await visitor({ email: null });
  await page.goto(`/?q=${encodeURIComponent(title)}&from=${day(5)}`);
  await expect(page.getByRole('main').getByText('No concert matches this search.')).toBeVisible();

  await page.getByRole('link', { name: 'Show all concerts' }).click();

  await expect(page.getByRole('main').getByRole('heading', { level: 2 }).first()).toBeVisible();
  await expect(page.getByLabel('Title, artist or tag')).toHaveValue('');
});

test('a search that the service refuses says why beside what was typed, and a change of language keeps it', async ({ visitor }) => {
  const page = await visitor({ email: null });
  await page.goto(`/?q=jazz&from=${day(5)}&to=${day(1)}`);
  await expect(page.getByRole('main').getByRole('alert')).toContainText('To:');
  await page.getByLabel('Title, artist or tag').fill('jazz trio');

  await openMenu(page);
  await page.getByRole('button', { name: '한국어' }).click();

  await expect(page.getByRole('button', { name: '검색' })).toBeVisible();
  await expect(page.getByLabel('제목, 출연진, 태그')).toHaveValue('jazz trio');
  await expect(page.getByLabel('시작일')).toHaveValue(day(5));
});
