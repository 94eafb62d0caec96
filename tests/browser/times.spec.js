// Show times are those of the service's zone, wherever the browser is, and say so.

import { expect, test } from './stagedoor.js';

test.use({ settings: { STAGEDOOR_TIME_ZONE: 'Europe/Berlin' } });

const NEW_YORK = { timezoneId: 'America/New_York' };

test('an organizer in New York enters the hour of the house, and a fan in New York reads the same hour', async ({ service, visitor }) => {
  const organizer = await visitor({ email: 'organizer@example.com', ...NEW_YORK });
  await organizer.goto('/pages/organize');
  await expect(organizer.getByRole('main').getByText('Germany Time (Europe/Berlin)')).toBeVisible();
  await organizer.getByLabel('Title').fill('A winter evening');
  const year = new Date().getUTCFullYear() + 1;
  await organizer.getByLabel('Starts').fill(`${year}-12-24T19:30`);
  await organizer.getByLabel('Ends').fill(`${year}-12-24T21:30`);
  await organizer.getByLabel('Booking closes').fill(`${year}-12-24T19:00`);
  await organizer.getByLabel('Tickets can be cancelled until').fill('');
  await organizer.getByRole('button', { name: 'Announce' }).click();
  await expect(organizer.getByRole('heading', { name: 'A winter evening' })).toBeVisible();

  const id = new URL(organizer.url()).pathname.split('/').pop();
  const concert = await service.call('GET', `/concerts/${id}`);
  expect(concert.nextDates).toEqual([`${year}-12-24T18:30:00Z`]);
  const fan = await visitor(NEW_YORK);
  await fan.goto(`/pages/concerts/${id}`);
  const shown = /24 December|December 24/;
  await expect(fan.getByRole('listitem').filter({ hasText: shown })).toContainText(/(19:30|7:30.PM) \(Germany Time\)/);
  await fan.goto(`/pages/concerts/${id}/book`);
  await expect(fan.getByRole('main').getByText(/(19:30|7:30.PM) \(Germany Time\)/)).toBeVisible();
  await fan.getByRole('button', { name: 'Take them' }).click();
  const keep = fan.getByRole('button', { name: /^Keep the seats until/ });
  await expect(keep).toBeVisible();

  // The clock of the hold is in the same zone.
  const { items } = await (await fan.request.get('/api/v1/reservations')).json();
  const until = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'Europe/Berlin' }).format(new Date(items[0].extendableUntil));
  await expect(keep).toHaveAccessibleName(`Keep the seats until ${until} (Germany Time)`);
});

test('a time that the clocks of the house skip is refused by its name', async ({ visitor }) => {
  const organizer = await visitor({ email: 'organizer@example.com', ...NEW_YORK });
  await organizer.goto('/pages/organize');
  await organizer.getByLabel('Title').fill('A lost hour');
  await organizer.getByLabel('Starts').fill('2028-03-26T02:30');

  await organizer.getByRole('button', { name: 'Announce' }).click();

  await expect(organizer.getByRole('main').getByText('Starts: clocks skip this time (Germany Time).')).toBeVisible();
});

test('before booking opens the booking page says when and joins then, not earlier', async ({ service, visitor }) => {
  const opensAt = Date.now() + 20_000;
  const concert = await service.concert({ opensAt });
  const page = await visitor(NEW_YORK);
  const joins = [];
  page.on('request', (request) => { if (request.url().endsWith('/queue-tokens')) joins.push(Date.now()); });
  await page.goto(`/pages/concerts/${concert.id}`);
  await expect(page.getByRole('main').getByText(/Booking opens .* \(Germany Time\)/)).toBeVisible();

  await page.getByRole('link', { name: 'Wait for booking to open' }).click();
  await expect(page.getByRole('heading', { name: 'Booking has not opened yet' })).toBeVisible();
  await expect(page.getByRole('main').getByText(/0:\d\d left/)).toBeVisible();
  expect(joins).toEqual([]);

  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible({ timeout: 40_000 });
  expect(joins).toHaveLength(1);
  expect(joins[0]).toBeGreaterThanOrEqual(opensAt);
});

test('a hold is gone on with although no seat can be booked until the next opening', async ({ service, visitor }) => {
  const concert = await service.concert({ rows: 1, columns: 2 });
  await service.addDate(concert, { opensIn: 3_600_000 });
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.locator('.choice').first().click();
  await page.getByRole('button', { name: 'Take them' }).click();
  await expect(page.getByRole('main').getByText('held for you for')).toBeVisible();

  await page.reload();

  await expect(page.getByRole('main').getByText('held for you for')).toBeVisible();
});

test('a description keeps its line breaks', async ({ service, visitor }) => {
  const organizer = await visitor({ email: 'organizer@example.com' });
  await organizer.goto('/pages/organize');
  await organizer.getByLabel('Title').fill('Lines');
  await organizer.getByLabel('Description').fill('First line\nSecond line');
  await organizer.getByRole('button', { name: 'Announce' }).click();
  const text = organizer.getByText('First line');

  await expect(text).toBeVisible();

  const lines = await text.evaluate((element) => element.getBoundingClientRect().height / parseFloat(getComputedStyle(element).lineHeight));
  expect(Math.round(lines)).toBe(2);
});

test('the preview of four million seats says their number and the bound, and draws none', async ({ visitor }) => {
  const organizer = await visitor({ email: 'organizer@example.com' });
  await organizer.goto('/pages/organize');
  await organizer.getByLabel('Rows').fill('2000');
  await organizer.getByLabel('Seats in a row').fill('2000');

  await expect(organizer.getByRole('main').getByText('Preview: 4,000,000 seats')).toBeVisible();
  await expect(organizer.getByRole('main').getByText('at most 50,000 seats')).toBeVisible();
  await expect(organizer.locator('.seat-map')).toHaveCount(0);
});
