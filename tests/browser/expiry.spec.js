import { expect, test } from './stagedoor.js';

test.use({ settings: { STAGEDOOR_HOLD_SECONDS: '5' } });

test('a hold that expires on screen says so and leads back to the seats', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.getByRole('button', { name: 'Take them' }).click();
  await expect(page.getByRole('main').getByText('held for you for 0:0')).toBeVisible();

  await expect(page.getByRole('main').getByText('The hold has expired')).toBeVisible();
  await expect(page.getByRole('button', { name: /Pay/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Choose seats again' }).click();

  await expect(page.getByRole('main').getByText('50 of 50 seats free')).toBeVisible();
});
