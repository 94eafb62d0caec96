// What staff see of reservations and their holders.

import { readFile } from 'node:fs/promises';
import { expect, test } from './stagedoor.js';

const order = (page, text) => page.getByRole('row').filter({ hasText: text }).first();

test('an operator finds a ticket by its holder, and refunds it with a reason after a confirmation', async ({ service, visitor }) => {
  const concert = await service.concert();
  const { email, token, reservation } = await service.buy(concert, [3]);
  const page = await visitor({ email: 'operator@example.com' });
  await page.getByRole('link', { name: 'Orders' }).click();
  await page.getByLabel('Ticket, seat, name or e-mail').fill(email);
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  await expect(order(page, email)).toContainText(`${concert.title}`);
  await expect(order(page, email)).toContainText('Row 1, seat 3');
  await page.getByRole('button', { name: 'Cancel and refund' }).click();
  await page.getByLabel('Reason').fill('The seat is broken.');

  const refund = page.getByRole('button', { name: 'Cancel and refund', exact: true });
  page.once('dialog', (dialog) => dialog.dismiss());
  await refund.click();
  await expect(order(page, email)).toContainText('Paid');
  page.once('dialog', (dialog) => dialog.accept());
  await refund.click();

  await expect(order(page, email)).toContainText('Cancelled');
  await expect(page.getByLabel('Reason')).toHaveCount(0);
  expect((await service.call('GET', `/reservations/${reservation.id}`, { token })).status).toBe('CANCELLED');
  expect((await service.call('GET', '/points', { token })).balance).toBe(10_000);
});

test('an organizer reads the orders of an own concert by state, page by page, and releases a hold', async ({ service, visitor }) => {
  const concert = await service.concert();
  for (let seat = 1; seat <= 25; seat += 1) await service.hold(concert, [seat]);
  const { email } = await service.buy(concert, [30]);
  const page = await visitor({ email: 'organizer@example.com' });
  await page.goto(`/pages/concerts/${concert.id}/sales`);
  await page.getByRole('link', { name: 'Orders' }).click();
  await expect(page.getByRole('row')).toHaveCount(25);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(page.getByRole('row')).toHaveCount(27);
  await page.getByLabel('State').selectOption('Paid');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  await expect(order(page, email)).toContainText('Row 3, seat 10');

  await page.getByLabel('Ticket, seat, name or e-mail').fill('7');
  await page.getByLabel('State').selectOption('Held');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  page.on('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: /^Release: Kim Fan/ }).click();
  await page.getByLabel('Reason').fill('Kept for the press.');
  await page.getByRole('button', { name: 'Release', exact: true }).click();

  await expect(order(page, 'Row 1, seat 7')).toContainText('Cancelled');
  await page.reload();
  await expect(page.getByRole('main').getByText('No order fits this search.')).toBeVisible();
});

test('an organizer takes the list of attendees along', async ({ service, visitor }) => {
  const concert = await service.concert();
  const { email } = await service.buy(concert, [1]);
  const page = await visitor({ email: 'organizer@example.com' });
  await page.goto(`/pages/concerts/${concert.id}/orders`);

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Attendees (CSV)' }).click();

  expect(await readFile(await (await download).path(), 'utf8')).toContain(email);
});

test('an order that ended meanwhile is refused in words, and the reason is kept', async ({ service, visitor }) => {
  const concert = await service.concert();
  const { token, reservation } = await service.buy(concert, [1]);
  const page = await visitor({ email: 'organizer@example.com' });
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(`/pages/concerts/${concert.id}/orders`);
  await page.getByRole('button', { name: 'Cancel and refund' }).click();
  await page.getByLabel('Reason').fill('The seat is broken.');

  await service.call('POST', `/reservations/${reservation.id}/cancellation`, { token });
  await page.getByRole('button', { name: 'Cancel and refund', exact: true }).click();

  await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
  await expect(page.getByLabel('Reason')).toHaveValue('The seat is broken.');
});
