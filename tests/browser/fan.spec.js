import { clickSeat, expect, test } from './stagedoor.js';

const seat = (page, row, column) => ({ pick: () => clickSeat(page, `Row ${row}`, `seat ${column}`) });

test('a fan goes from the concerts to the ticket', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor();

  await page.goto('/');
  await page.getByRole('link', { name: concert.title }).click();
  await page.getByRole('link', { name: 'Join the queue' }).click();
  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
  await seat(page, 2, 3).pick();
  await seat(page, 2, 4).pick();
  await expect(page.getByRole('main').getByText('Row 2, seat 3')).toBeVisible();
  await expect(page.getByRole('main').getByText('20,000 points')).toBeVisible();
  await page.getByRole('button', { name: 'Hold these seats' }).click();

  await expect(page.getByRole('main').getByText(/held for you for 4:5\d/)).toBeVisible();
  await page.getByRole('button', { name: /Keep the seats until/ }).click();
  await expect(page.getByRole('main').getByText(/held for you for 6:\d\d/)).toBeVisible();
  await expect(page.getByRole('button', { name: /Keep the seats until/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Charge 20,000 points' }).click();
  await page.getByRole('button', { name: 'Pay 20,000 points' }).click();

  await expect(page.getByRole('heading', { name: 'Your tickets' })).toBeVisible();
  await expect(page.getByRole('img', { name: /QR code/ })).toHaveCount(2);
  await page.getByRole('link', { name: 'My tickets' }).click();
  const tickets = page.getByRole('listitem').filter({ hasText: concert.title });
  await expect(tickets).toHaveText([/Row 2, seat [34].*Valid/, /Row 2, seat [34].*Valid/]);
  await page.getByText('My reservations').click();
  await expect(tickets.filter({ hasText: 'Paid' })).toHaveCount(1);
  await page.getByRole('link', { name: 'My points' }).click();
  await expect(page.getByRole('row')).toHaveCount(3);
  await expect(page.getByRole('row').nth(1)).toContainText('−20,000');
});

test('a fan cancels all tickets, once, and has the points back', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.getByRole('button', { name: 'Take them' }).click();
  await page.getByRole('button', { name: /Charge/ }).click();
  await page.getByRole('button', { name: /Pay/ }).click();
  await expect(page.getByRole('heading', { name: 'Your tickets' })).toBeVisible();

  page.once('dialog', (dialog) => dialog.dismiss());
  await page.getByRole('button', { name: 'Cancel all tickets' }).click();
  await expect(page.getByRole('img', { name: /QR code/ })).toHaveCount(2);
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Cancel all tickets' }).click();

  await expect(page.getByRole('main').getByText('Cancelled', { exact: true })).toBeVisible();
  await expect(page.getByRole('img', { name: /QR code/ })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Cancel all tickets' })).toHaveCount(0);
  await page.getByRole('link', { name: 'My points' }).click();
  await expect(page.getByRole('row').nth(1)).toContainText('Refunded');
});

test('of two browsers that race for one seat one gets it and the other keeps the rest of its choice', async ({ service, visitor }) => {
  const concert = await service.concert();
  const pages = await Promise.all([visitor(), visitor()]);
  for (const page of pages) {
    await page.goto(`/pages/concerts/${concert.id}/book`);
    await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
    await seat(page, 1, 1).pick();
  }
  await seat(pages[0], 3, 1).pick();
  await seat(pages[1], 4, 1).pick();

  // Neither request goes on before both are sent: otherwise one browser may learn in time that the seat is taken.
  let sent = 0;
  let bothAreSent;
  const both = new Promise((resolve) => { bothAreSent = resolve; });
  for (const page of pages) {
    await page.route('**/api/v1/reservations', async (route) => {
      if (route.request().method() === 'POST' && (sent += 1) === 2) bothAreSent();
      if (route.request().method() === 'POST') await both;
      await route.fallback();
    });
  }
  const hold = (page) => page.getByRole('button', { name: 'Hold these seats' }).click();
  await Promise.all(pages.map(hold));

  const outcomes = pages.map(async (page) => {
    await expect(page.getByRole('main').getByText(/held for you|another user was faster/)).toBeVisible();
    return (await page.getByRole('main').getByText('held for you').count()) === 1;
  });
  const won = await Promise.all(outcomes);
  expect(won.filter(Boolean)).toHaveLength(1);
  const loser = pages[won.indexOf(false)];
  await expect(loser.getByRole('main').getByText('Row 1, seat 1: another user was faster')).toBeVisible();
  await expect(loser.locator('.chosen li')).toHaveCount(1);
  await loser.getByRole('button', { name: 'Hold these seats' }).click();
  await expect(loser.getByRole('main').getByText('held for you')).toBeVisible();
});

test('a seat that another user takes is taken on the map while it is looked at', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('50 seats free')).toBeVisible();
  await seat(page, 1, 2).pick();
  await expect(page.locator('.chosen li')).toContainText(['Row 1, seat 2']);

  await service.hold(concert, [2, 3]);

  await expect(page.getByRole('main').getByText('48 seats free')).toBeVisible();
  await expect(page.getByRole('main').getByText('Row 1, seat 2: another user was faster')).toBeVisible();
});

test('the best seats next to each other are held with one press', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.getByLabel('How many').selectOption('3');
  await page.getByRole('button', { name: 'Take them' }).click();
  await expect(page.getByRole('main').getByText('held for you')).toBeVisible();
  await expect(page.locator('.lines li')).toHaveCount(3);

  await page.getByRole('button', { name: 'Release the seats' }).click();

  await expect(page.getByRole('main').getByText('50 of 50 seats free')).toBeVisible();
});

test('a page that is loaded anew goes on where one was', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.getByRole('button', { name: 'Take them' }).click();
  await expect(page.getByRole('main').getByText('held for you')).toBeVisible();

  await page.reload();

  await expect(page.getByRole('main').getByText('held for you')).toBeVisible();
});

test('without a session one signs in first and goes on to the line', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor({ email: null });
  await page.goto(`/pages/concerts/${concert.id}`);
  await page.getByRole('link', { name: 'Sign in to join the queue' }).click();
  await page.getByRole('link', { name: 'New here? Sign up' }).click();
  await page.getByLabel('Name').fill('New Fan');
  await page.getByLabel('E-mail').fill(`new-${Date.now()}@example.com`);
  await page.getByLabel('Password').fill('stagedoor');
  await page.getByRole('button', { name: 'Sign up' }).click();

  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
  expect(await page.evaluate(() => document.cookie)).toBe('');
});
