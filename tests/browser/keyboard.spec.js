import { expect, test } from './stagedoor.js';

/** Moves on with Tab until the focus is on something of this name. */
async function tabTo(page, name) {
  for (let pressed = 0; pressed < 60; pressed += 1) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    const said = (await focused.getAttribute('aria-label')) ?? (await focused.textContent());
    if (name.test(said)) return;
  }
  throw new Error(`${name} cannot be reached`);
}

test('a fan gets a ticket with the keyboard alone', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}`);
  await tabTo(page, /Join the queue/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeFocused();

  await tabTo(page, /Row 1, seat 1, 10,000 points, Free/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Row 2, seat 2, 10,000 points, Yours' })).toBeFocused();
  await expect(page.getByRole('status')).toHaveText('Row 2, seat 2, 10,000 points, Yours');
  await page.keyboard.press('End');
  await page.keyboard.press('Space');
  await expect(page.locator('.chosen li')).toHaveCount(2);
  await tabTo(page, /Take out Row 2, seat 10/);
  await page.keyboard.press('Enter');
  await expect(page.locator('.chosen li')).toHaveCount(1);
  await tabTo(page, /Hold these seats/);
  await page.keyboard.press('Enter');

  await expect(page.getByRole('heading', { name: 'Pay' })).toBeFocused();
  await expect(page.getByRole('button', { name: 'Charge 10,000 points' })).toBeVisible();
  await tabTo(page, /Charge 10,000 points/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Pay 10,000 points' })).toBeVisible();
  await tabTo(page, /Pay 10,000 points/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Your tickets' })).toBeVisible();
});

test('the keyboard keeps its place at the checkout when the balance arrives', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.route('**/points', async (route) => {
    await expect(page.getByRole('button', { name: 'Release the seats' })).toBeFocused();
    await route.fallback();
  });
  await page.getByRole('button', { name: 'Take them' }).click();
  await page.getByRole('button', { name: 'Release the seats' }).focus();

  await expect(page.getByRole('button', { name: 'Charge 20,000 points' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Release the seats' })).toBeFocused();
});

test('the first press of Tab leads past the navigation', async ({ visitor }) => {
  const page = await visitor({ email: null });
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Concerts' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
});
