// Before booking opens, and when nothing can be booked: each state says what it is, with a next step.

import { readFile } from 'node:fs/promises';
import { expect, test } from './stagedoor.js';

/** Buys every seat of a concert. */
async function sellOut(service, concert, seats) {
  const { token: access } = await service.newUser();
  await service.call('POST', '/points/charges', { token: access, body: { amount: 10_000 * seats } });
  const { token } = await service.call('POST', `/concerts/${concert.id}/queue-tokens`, { token: access });
  const body = { scheduleId: concert.schedules[0].id, bestAvailable: seats };
  const { id } = await service.call('POST', '/reservations', { token, body });
  await service.call('POST', '/payments', { token, body: { reservationId: id } });
}

test('a sold-out concert says so before and at the queue, with a way on', async ({ service, visitor }) => {
  const concert = await service.concert({ rows: 1, columns: 2 });
  await sellOut(service, concert, 2);
  const page = await visitor();

  await page.goto(`/pages/concerts/${concert.id}`);
  await expect(page.getByRole('main').getByText('Every seat is sold.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Look again' })).toBeVisible();
  await page.goto(`/pages/concerts/${concert.id}/book`);

  await expect(page.getByRole('heading', { name: 'This concert is sold out' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Go to the concerts' })).toBeVisible();
});

test('a reminder of the opening is saved as a calendar file, at the instant of the opening', async ({ service, visitor }) => {
  const opensAt = Math.floor((Date.now() + 3_600_000) / 1000) * 1000;
  const concert = await service.concert({ opensAt });
  const page = await visitor({ email: null, timezoneId: 'America/New_York' });
  await page.goto(`/pages/concerts/${concert.id}`);
  await expect(page.getByRole('timer')).toContainText(/59:\d\d left/);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save a reminder' }).click();

  const lines = (await readFile(await (await download).path(), 'utf8')).split('\r\n');
  const stamp = new Date(opensAt).toISOString().replace(/[-:]|\.\d+/g, '');
  expect(lines[0]).toBe('BEGIN:VCALENDAR');
  expect(lines).toContain(`DTSTART:${stamp}`);
  expect(lines).toContain(`SUMMARY:Booking opens: ${concert.title}`);
  expect(Math.max(...lines.map((line) => new TextEncoder().encode(line).length))).toBeLessThanOrEqual(75);
});

test('a concert page that is open when booking opens offers the queue by itself', async ({ service, visitor }) => {
  const concert = await service.concert({ opensAt: Date.now() + 15_000 });
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}`);
  await expect(page.getByRole('link', { name: 'Wait for booking to open' })).toBeVisible();

  await expect(page.getByRole('link', { name: 'Join the queue' })).toBeVisible({ timeout: 30_000 });
});

test('a cancelled date says why, among the dates and on its ticket, with the refund', async ({ service, visitor }) => {
  const concert = await service.concert();
  await service.addDate(concert);
  const { email, token: access } = await service.newUser();
  await service.call('POST', '/points/charges', { token: access, body: { amount: 10_000 } });
  const { token } = await service.call('POST', `/concerts/${concert.id}/queue-tokens`, { token: access });
  const [{ id: scheduleId }] = concert.schedules;
  const { id } = await service.call('POST', '/reservations', { token, body: { scheduleId, bestAvailable: 1 } });
  await service.call('POST', '/payments', { token, body: { reservationId: id } });

  const reason = 'The singer is ill.';
  await service.call('POST', `/schedules/${scheduleId}/cancellation`, { token: await service.organizer(), body: { reason } });

  const page = await visitor({ email });
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('button', { name: `Cancelled. ${reason}` })).toBeDisabled();
  await page.goto(`/pages/reservations/${id}`);
  await expect(page.getByRole('main').getByText(reason)).toBeVisible();
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole('main').getByText('Refunded: 10,000 points')).toBeVisible({ timeout: 1_000 });
  }).toPass();
});

test('a concert that is held, paused, closed or cancelled says so, with a next step', async ({ service, visitor }) => {
  const main = (page) => page.getByRole('main');
  const page = await visitor();
  const held = await service.concert({ rows: 1, columns: 1 });
  await service.hold(held, [1]);
  await page.goto(`/pages/concerts/${held.id}`);
  await expect(main(page).getByText('All seats are held now')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Look again' })).toBeVisible();

  const paused = await service.concert({ policy: { paused: true } });
  await expect(async () => {
    await page.goto(`/pages/concerts/${paused.id}`);
    await expect(main(page).getByText('Admission is paused')).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(page.getByRole('link', { name: 'Join the queue' })).toBeVisible();

  const closed = await service.concert();
  await service.closeBooking(closed);
  await page.goto(`/pages/concerts/${closed.id}`);
  await expect(main(page).getByText('Booking of this concert has closed.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Go to the concerts' })).toBeVisible();

  const cancelled = await service.concert();
  await service.cancelDate(cancelled);
  await page.goto(`/pages/concerts/${cancelled.id}`);
  await expect(main(page).getByText('This concert does not take place.')).toBeVisible();
  await expect(main(page).getByRole('link', { name: 'My tickets' })).toBeVisible();
});

test('the address of the booking of a concert that is closed or cancelled says which of these, with a next step', async ({ service, visitor }) => {
  const [closed, cancelled] = [await service.concert(), await service.concert()];
  await service.closeBooking(closed);
  await service.cancelDate(cancelled);
  const page = await visitor();

  await page.goto(`/pages/concerts/${closed.id}/book`);
  await expect(page.getByRole('heading', { name: 'Booking has closed' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Go to the concerts' })).toBeVisible();
  await page.goto(`/pages/concerts/${cancelled.id}/book`);

  await expect(page.getByRole('heading', { name: 'Cancelled' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: 'My tickets' })).toBeVisible();
});

test('a concert at a venue is shown with its place, in the time of the venue', async ({ service, visitor }) => {
  const concert = await service.concertInBerlin();
  const [{ startsAt }] = concert.schedules;
  const there = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', dateStyle: 'full', timeStyle: 'short' }).format(new Date(startsAt));
  const page = await visitor({ timezoneId: 'America/New_York' });

  await page.goto(`/pages/concerts/${concert.id}`);

  await expect(page.getByRole('main').getByText('Philharmonie, Herbert-von-Karajan-Str. 1, Berlin')).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: there })).toContainText('Germany Time');
  await page.goto('/');
  await expect(page.getByRole('listitem').filter({ hasText: concert.title })).toContainText('Germany Time');
  await expect(page.getByRole('contentinfo')).toContainText('Times without a zone: South Korea Time (Asia/Seoul)');
});

test('a fan who pays and the staff who see the order read the times of a concert in the zone of its venue', async ({ service, visitor }) => {
  const concert = await service.concertInBerlin();
  const fan = await visitor();
  await fan.goto(`/pages/concerts/${concert.id}/book`);
  await fan.getByRole('button', { name: 'Take them' }).click();
  await expect(fan.getByRole('main').getByText(/ at \d\d:\d\d \(Germany Time\)/)).toBeVisible();
  await expect(fan.getByRole('button', { name: /^Keep the seats until/ })).toContainText('Germany Time');

  const organizer = await visitor({ email: 'organizer@example.com' });
  await organizer.goto(`/pages/concerts/${concert.id}/orders`);

  await expect(organizer.getByRole('row').last()).toContainText(/\(Germany Time\).*Until .*\(Germany Time\)/);
});
