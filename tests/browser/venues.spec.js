import { readFile } from 'node:fs/promises';
import { expect, test } from './stagedoor.js';

const ORGANIZER = { email: 'organizer@example.com' };

/** A plan of one section. */
const plan = (seats = 4) => ({
  stage: { x: -4, y: -5, width: 8, height: 3, label: 'STAGE' },
  zones: [{ code: 'R', name: 'Royal', colour: '#7b3fa0' }],
  sections: [{ name: 'Stalls', zone: 'R', x: 0, y: 0, rows: [{ label: 'A', seats }] }],
});

const file = (name, content) => ({ name, mimeType: 'application/json', buffer: Buffer.from(content) });

test('an organizer enters a venue with a time zone found by typing, and adds a hall', async ({ visitor }) => {
  const page = await visitor(ORGANIZER);
  await page.getByRole('link', { name: 'Venues' }).click();
  await page.getByLabel('Name').fill('Hall of Songs');
  await page.getByLabel('Address').fill('Alexanderplatz 1, Berlin');
  await page.getByLabel('Time zone').fill('Europe/Berlin');
  await expect(page.locator('#time-zones option[value="Europe/Berlin"]')).toHaveText('Central European Time');
  await expect(page.getByText(/Clocks there show .* \(Central European Time\)/)).toBeVisible();
  await page.getByRole('button', { name: 'Enter the venue' }).click();

  await expect(page.getByRole('heading', { level: 1, name: 'Hall of Songs' })).toBeVisible();
  await page.getByLabel('Name of the hall').fill('Great Hall');
  await page.getByLabel('Rows', { exact: true }).fill('3');
  await page.getByLabel('Seats in a row').fill('7');
  await page.getByRole('button', { name: 'Add the hall' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Seat plan: Great Hall' })).toBeVisible();

  await page.goBack();
  await expect(page.getByRole('listitem').filter({ hasText: 'Great Hall' })).toContainText('21 places');
});

test('an unknown time zone is refused with its rule', async ({ visitor }) => {
  const page = await visitor(ORGANIZER);
  await page.goto('/pages/venues');
  await page.getByLabel('Name').fill('Nowhere');
  await page.getByLabel('Time zone').fill('Mars/Olympus');
  await page.getByRole('button', { name: 'Enter the venue' }).click();

  await expect(page.getByRole('alert')).toContainText('Time zone: must be the name of an IANA time zone, such as Asia/Seoul');
});

test('of two who edit a venue at once, the second sees the other value and saves after that', async ({ service, visitor }) => {
  const venue = await service.venue();
  const page = await visitor(ORGANIZER);
  await page.goto(`/pages/venues/${venue.id}`);
  await page.getByLabel('Address').fill('Mine 1');
  await service.changeVenue(venue, { address: 'Theirs 2' });

  await page.getByRole('button', { name: 'Save' }).click();

  await expect(page.getByRole('main').getByText('Another user changed this venue meanwhile')).toBeVisible();
  await expect(page.getByText('Address: another user has set Theirs 2. Saving replaces it.')).toBeVisible();
  await expect(page.getByLabel('Address')).toHaveValue('Mine 1');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('main').getByText('Saved')).toBeVisible();
  expect((await service.call('GET', `/venues/${venue.id}`)).address).toBe('Mine 1');
});

test('a plan is exported and imported as a file, and a wrong file names the path and the rule', async ({ service, visitor }) => {
  const hall = await service.hallWith(plan());
  const page = await visitor(ORGANIZER);
  await page.goto(`/pages/halls/${hall.id}`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export: Version 1' }).click()]);
  const exported = await readFile(await download.path(), 'utf8');
  expect(JSON.parse(exported)).toEqual(plan());
  const send = async (content) => {
    await page.getByLabel('File with a seat plan (JSON)').setInputFiles(file('plan.json', content));
    await page.getByRole('button', { name: 'Import a seat plan' }).click();
  };

  await send(exported);
  await expect(page.getByRole('main').getByText('The file equals version 1. No new version was made.')).toBeVisible();
  await send(JSON.stringify(plan(501)));
  await expect(page.getByRole('alert')).toContainText('sections[0].rows[0].seats: must be a whole number from 1 to 500');
  await send('{"stage": ');
  await expect(page.getByRole('alert')).toContainText('The file is not JSON');
  await send(JSON.stringify(plan(6)));

  await expect(page.getByRole('main').getByText('Imported as version 2.')).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'Version 2' })).toContainText('Newest');
});
