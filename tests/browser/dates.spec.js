// What organizers do with the dates of a concert: change, move and cancel them.

import { expect, test } from './stagedoor.js';

const HOUR = 3_600_000;

/** What an input of a time shows for an instant, in the service's zone of the demonstration. */
const local = (instant) => new Date(Date.parse(instant) + 9 * HOUR).toISOString().slice(0, 16);

const later = (instant, hours) => new Date(Date.parse(instant) + hours * HOUR).toISOString();

/** Opens the terms of the only date of a concert. */
async function manage(page, concert) {
  await page.goto(`/pages/concerts/${concert.id}/sales`);
  await page.getByRole('button', { name: 'Manage the date' }).click();
  await expect(page.getByLabel('Tickets per person')).toHaveValue('4');
}

/** Another organizer's edit of the date: it changes the version that was read. */
async function editElsewhere(service, { id }, body) {
  const headers = { authorization: `Bearer ${await service.organizer()}`, 'content-type': 'application/json' };
  const address = `${service.url}/api/v1/schedules/${id}`;
  const tag = (await fetch(address, { headers })).headers.get('etag');
  const response = await fetch(address, { method: 'PATCH', headers: { ...headers, 'if-match': tag }, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
}

test('an organizer changes the terms of a date, and only what was changed is sent', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor({ email: 'organizer@example.com' });
  await manage(page, concert);
  await page.getByLabel('Tickets per person').fill('2');
  await page.getByLabel('Tickets can be cancelled until').fill('');

  const sent = page.waitForRequest((request) => request.method() === 'PATCH');
  await page.getByRole('button', { name: 'Save the date' }).click();

  expect((await sent).postDataJSON()).toEqual({ maxTicketsPerPerson: 2, cancellationClosesAt: null });
  await expect(page.getByRole('main').getByText('Saved')).toBeVisible();
  const [schedule] = (await service.call('GET', `/concerts/${concert.id}/schedules`, { token: await service.organizer() })).items;
  expect([schedule.maxTicketsPerPerson, schedule.cancellationClosesAt ?? null]).toEqual([2, null]);
});

test('an edit of what another changed meanwhile is refused with the newer value, keeps what was typed, and can be saved then', async ({ service, visitor }) => {
  const concert = await service.concert();
  const [schedule] = concert.schedules;
  const page = await visitor({ email: 'organizer@example.com' });
  await manage(page, concert);
  await page.getByLabel('Tickets per person').fill('2');
  const closes = later(schedule.bookingClosesAt, -2);
  await editElsewhere(service, schedule, { maxTicketsPerPerson: 7, bookingClosesAt: closes });

  await page.getByRole('button', { name: 'Save the date' }).click();

  await expect(page.getByRole('main').getByText('nothing was saved')).toBeVisible();
  await expect(page.getByRole('main').getByText('Tickets per person: another user has set 7.')).toBeVisible();
  await expect(page.getByLabel('Tickets per person')).toHaveValue('2');
  await expect(page.getByLabel('Booking closes')).toHaveValue(local(closes));
  await page.getByRole('button', { name: 'Save the date' }).click();
  await expect(page.getByRole('main').getByText('Saved')).toBeVisible();
  const saved = await service.call('GET', `/schedules/${schedule.id}`, { token: await service.organizer() });
  expect(saved.maxTicketsPerPerson).toBe(2);
});

test('a move asks first, says that holders may cancel, and the holder sees it', async ({ service, visitor }) => {
  const concert = await service.concert();
  const { token, reservation } = await service.buy(concert, [1]);
  const [{ startsAt, endsAt }] = concert.schedules;
  const page = await visitor({ email: 'organizer@example.com' });
  await manage(page, concert);
  await page.getByLabel('Starts').fill(local(later(startsAt, 24)));
  await page.getByLabel('Ends').fill(local(later(endsAt, 24)));
  await page.getByLabel('Holders may cancel because of the move until').fill(local(later(startsAt, 12)));

  const save = page.getByRole('button', { name: 'Save the date' });
  const asked = new Promise((resolve) => { page.once('dialog', async (dialog) => { await dialog.dismiss(); resolve(dialog.message()); }); });
  await save.click();
  expect(await asked).toContain('may cancel until');
  await expect(page.getByLabel('Starts')).toHaveValue(local(later(startsAt, 24)));
  page.once('dialog', (dialog) => dialog.accept());
  await save.click();
  await expect(page.getByRole('main').getByText('Saved')).toBeVisible();

  const { moved } = await service.call('GET', `/reservations/${reservation.id}`, { token });
  expect(Date.parse(moved.from)).toBe(Date.parse(startsAt));
  expect(local(moved.refundableUntil)).toBe(local(later(startsAt, 12)));
});

test('a date that was edited asks before the page is left', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor({ email: 'organizer@example.com' });
  await manage(page, concert);
  await page.getByLabel('Tickets per person').fill('2');

  page.once('dialog', (dialog) => dialog.dismiss());
  await page.getByRole('link', { name: 'My points' }).click();

  await expect(page.getByLabel('Tickets per person')).toHaveValue('2');
});

test('an organizer cancels a date with a reason, and follows its refunds until they are complete', async ({ service, visitor }) => {
  const concert = await service.concert();
  const { token } = await service.buy(concert, [1]);
  await service.hold(concert, [2]);
  const page = await visitor({ email: 'organizer@example.com' });
  page.on('dialog', (dialog) => dialog.accept());
  await manage(page, concert);
  await page.getByRole('main').getByText('Cancel this date').first().click();
  await page.getByLabel('Reason').fill('The singer is ill.');

  await page.getByRole('button', { name: 'Cancel this date' }).click();

  await expect(page.getByRole('main').getByText('The singer is ill.')).toBeVisible();
  await expect(page.getByRole('main').getByText('All refunds are complete. Orders refunded: 1.')).toBeVisible({ timeout: 15_000 });
  await expect(page.getByRole('row').nth(1)).toContainText('Cancelled');
  expect((await service.call('GET', '/points', { token })).balance).toBe(10_000);
  await page.reload();
  await page.getByRole('button', { name: 'Manage the date' }).click();
  await expect(page.getByRole('progressbar', { name: 'Refunds' })).toHaveAttribute('value', '1');
});
