// The door: scans by camera, number and name, with and without a network, and who works there.

import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from './stagedoor.js';

/** What the camera of the browser shows: pictures one after another (MJPEG). It is read when the camera is started. */
const CAMERA = resolve(`../../target/browser/camera-${process.env.TEST_PARALLEL_INDEX}.mjpeg`);

// The tests of one worker share the file of its camera.
test.describe.configure({ mode: 'default' });
test.use({
  settings: { STAGEDOOR_RATE_LIMITS: 'off' },
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid() !== 0,
    args: ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${CAMERA}`],
  },
});

const main = (page) => page.getByRole('main');
const result = (page) => page.locator('.result');

/** A concert that starts in six hours, a user who has paid for its first seats, and their tickets. */
async function evening(service, seats = [1, 2, 3]) {
  const concert = await service.concert({ startsIn: 6 });
  const fan = await service.buy(concert, seats);
  const { items } = await service.call('GET', '/tickets', { token: fan.token });
  return { concert, fan, scheduleId: concert.schedules[0].id, tickets: items.toSorted((one, other) => one.seat.number - other.seat.number) };
}

/** A user who works at the doors of a concert. */
async function doorStaff(service, concert) {
  const staff = await service.newUser();
  const { id } = await service.call('GET', '/users/me', { token: staff.token });
  await service.call('PUT', `/users/${id}/role`, { token: await service.operator(), body: { role: 'DOOR' } });
  await service.call('POST', `/concerts/${concert.id}/door-staff`, { token: await service.organizer(), body: { email: staff.email } });
  return { email: staff.email, token: await service.signIn(staff.email) };
}

async function openDoor(page, scheduleId, name = 'North') {
  await page.goto(`/pages/door/${scheduleId}`);
  await page.getByLabel('Name of this door').fill(name);
}

async function scanNumber(page, text) {
  await page.getByLabel('Ticket number or name').fill(text);
  await page.getByRole('button', { name: 'Check in', exact: true }).click();
}

const next = (page) => page.getByRole('button', { name: 'Next ticket' }).click();

/** What the browser keeps of a user of the door: neither the page, which is the same for all, nor its scripts. */
async function kept(page) {
  const addresses = await page.evaluate(async () => (await (await caches.open('stagedoor-door')).keys()).map(({ url }) => new URL(url).pathname));
  return addresses.filter((address) => address !== '/pages/door' && !address.startsWith('/assets/'));
}

/** Shows the code of a ticket to the camera. */
async function showToCamera(service, browser, { token }, ticket) {
  const svg = await (await fetch(`${service.url}/api/v1/tickets/${ticket.id}/qr-code`, { headers: { authorization: `Bearer ${token}` } })).text();
  const page = await browser.newPage({ viewport: { width: 640, height: 480 } });
  await page.setContent(`<body style="margin:0;background:#fff;display:grid;place-items:center;height:480px"><img style="height:400px" src="data:image/svg+xml,${encodeURIComponent(svg)}"></body>`);
  const picture = await page.screenshot({ type: 'jpeg', quality: 95 });
  await page.close();
  await mkdir(resolve(CAMERA, '..'), { recursive: true });
  await writeFile(CAMERA, Buffer.concat([picture, picture]));
}

test('the camera sees a code: its holder comes in, and a second scan is told when and where', async ({ service, visitor, browser }) => {
  const { concert, fan, scheduleId, tickets } = await evening(service);
  const { email } = await doorStaff(service, concert);
  await showToCamera(service, browser, fan, tickets[0]);
  const page = await visitor({ email });
  await page.getByRole('link', { name: 'Doors' }).click();
  await page.getByRole('link', { name: 'Open the door' }).click();
  await expect(page.getByRole('heading', { level: 1, name: concert.title })).toBeVisible();
  await expect(main(page)).toContainText('0 of 3 are in');
  await expect(page.getByRole('button', { name: 'Start the camera' })).toBeDisabled();
  await page.getByLabel('Name of this door').fill('North');

  await page.getByRole('button', { name: 'Start the camera' }).click();
  await expect(result(page)).toContainText('Welcome');
  await expect(result(page)).toContainText('Kim Fan');
  await expect(result(page)).toContainText('Row 1, seat 1');
  await expect(main(page)).toContainText('1 of 3 are in');
  // The code stays before the camera. It is one scan.
  await expect(result(page)).toBeHidden();
  await page.getByRole('button', { name: 'Stop the camera' }).click();

  const other = await visitor({ email });
  await openDoor(other, scheduleId, 'South');
  await other.getByRole('button', { name: 'Start the camera' }).click();
  await expect(result(other)).toContainText('Not admitted');
  await expect(result(other)).toContainText('This ticket was checked in before.');
  await expect(result(other)).toContainText(/Scanned before: .*South Korea Time.*, North/);
  expect(await other.evaluate(() => getComputedStyle(document.querySelector('.result')).backgroundColor)).toBe('rgb(140, 16, 24)');
});

test('people come in by number and by name, and a check-in is taken back', async ({ service, visitor }) => {
  const { concert, scheduleId, tickets } = await evening(service);
  const { email } = await doorStaff(service, concert);
  const page = await visitor({ email });
  page.on('dialog', (dialog) => dialog.accept());
  await openDoor(page, scheduleId);

  await scanNumber(page, tickets[0].number.toLowerCase().replaceAll('-', ' '));
  await expect(result(page)).toContainText('Row 1, seat 1');
  await next(page);
  await page.getByLabel('Ticket number or name').fill('kim');
  const found = page.getByRole('list', { name: 'Tickets that were found' });
  await expect(found.getByRole('listitem')).toHaveCount(3);
  await expect(found.getByRole('listitem').filter({ hasText: 'Row 1, seat 1' })).toContainText('Is in');
  await found.getByRole('listitem').filter({ hasText: 'Row 1, seat 2' }).getByRole('button', { name: 'Let in' }).click();
  await expect(result(page)).toContainText('Row 1, seat 2');
  await next(page);
  await expect(main(page)).toContainText('2 of 3 are in');

  await page.getByText('Take back').first().click();
  await page.getByLabel('Reason').first().fill('The wrong person.');
  await page.getByRole('button', { name: 'Take back' }).first().click();

  await expect(main(page)).toContainText('1 of 3 are in');
  await scanNumber(page, tickets[1].number);
  await expect(result(page)).toContainText('Welcome');
  await next(page);
  await scanNumber(page, '00000-00000-1');
  await expect(result(page)).toContainText('Not admitted');
});

test('without a network the list decides, scans are sent later, and conflicts are shown', async ({ service, visitor }) => {
  const { concert, fan, scheduleId, tickets } = await evening(service, [1, 2, 3, 4]);
  const { email, token } = await doorStaff(service, concert);
  const friend = await service.newUser();
  await service.call('POST', `/tickets/${tickets[3].id}/transfer`, { token: fan.token, body: { email: friend.email } });
  const page = await visitor({ email });
  await openDoor(page, scheduleId);
  await expect(main(page)).toContainText('0 of 4 are in');
  await page.context().setOffline(true);

  for (const [ticket, said] of [[tickets[0], 'Let in, sent later'], [tickets[1], 'Let in, sent later'], [tickets[0], 'This ticket was checked in before.'], [tickets[3], 'This ticket is void']]) {
    await scanNumber(page, ticket.number);
    await expect(result(page)).toContainText(said);
    await next(page);
  }
  await expect(main(page)).toContainText('Scans that wait to be sent: 2');
  const body = { scheduleId, number: tickets[1].number, door: 'South' };
  await service.call('POST', '/check-ins', { token, body });
  await page.context().setOffline(false);

  await expect(main(page)).toContainText('Conflicts');
  const conflict = page.getByRole('listitem').filter({ hasText: 'This ticket was checked in before.' });
  await expect(conflict).toContainText(/Scanned before: .*, South/);
  await expect(main(page)).not.toContainText('Scans that wait');
  await expect(main(page)).toContainText('2 of 4 are in');
  await conflict.getByRole('button', { name: 'Dismiss' }).click();
  await expect(conflict).toBeHidden();
  const count = await service.call('GET', `/schedules/${scheduleId}/check-ins`, { token });
  expect(count.doors.map(({ door, checkedIn }) => [door, checkedIn])).toEqual([['North', 1], ['South', 1]]);
});

test('a session that ends keeps no holder waiting, and the page asks to sign in again', async ({ service, visitor }) => {
  const { concert, scheduleId, tickets } = await evening(service);
  const { email } = await doorStaff(service, concert);
  const page = await visitor({ email });
  await openDoor(page, scheduleId);
  await expect(main(page)).toContainText('0 of 3 are in');
  await page.context().clearCookies();

  await scanNumber(page, tickets[0].number);
  await expect(result(page)).toContainText('Let in, sent later');
  await next(page);
  await main(page).getByRole('alert').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Password').fill('stagedoor');
  await page.getByLabel('E-mail').fill(email);
  await main(page).getByRole('button', { name: 'Sign in' }).click();

  await expect(main(page)).toContainText('1 of 3 are in');
  await expect(main(page)).not.toContainText('Scans that wait');
});

test('the door opens without a network, with the scans that wait', async ({ service, visitor }) => {
  const { concert, scheduleId, tickets } = await evening(service);
  const { email } = await doorStaff(service, concert);
  const page = await visitor({ email });
  await openDoor(page, scheduleId);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await expect(main(page)).toContainText('0 of 3 are in');
  await expect.poll(() => kept(page)).toContain('/api/v1/door-dates');
  await page.context().setOffline(true);
  await scanNumber(page, tickets[0].number);
  await expect(result(page)).toContainText('Let in, sent later');

  await page.reload();

  await expect(page.getByRole('heading', { level: 1, name: concert.title })).toBeVisible();
  await expect(main(page)).toContainText('Scans that wait to be sent: 1');
  await scanNumber(page, tickets[0].number);
  await expect(result(page)).toContainText('This ticket was checked in before.');
  await next(page);
  await page.context().setOffline(false);
  await expect(main(page)).toContainText('1 of 3 are in');
});

test('a code is verified without a network, and one that is newer than the list is marked', async ({ service, visitor, browser }) => {
  const { concert, scheduleId } = await evening(service);
  const { email } = await doorStaff(service, concert);
  const page = await visitor({ email });
  await openDoor(page, scheduleId);
  await expect(main(page)).toContainText('0 of 3 are in');
  await expect.poll(() => kept(page)).toContain('/api/v1/door-dates');
  const late = await service.buy(concert, [11]);
  const { items: [ticket] } = await service.call('GET', '/tickets', { token: late.token });
  await showToCamera(service, browser, late, ticket);
  await page.context().setOffline(true);

  await page.getByRole('button', { name: 'Start the camera' }).click();

  await expect(result(page)).toContainText('Let in, sent later');
  await expect(result(page)).toContainText('newer than the list');
  await page.getByRole('button', { name: 'Stop the camera' }).click();
  await page.context().setOffline(false);
  await expect(main(page)).toContainText('1 of 4 are in');
});

test('a code of another date is refused, with and without a network', async ({ service, visitor, browser }) => {
  const { concert, scheduleId } = await evening(service);
  const other = await evening(service, [1]);
  const { email } = await doorStaff(service, concert);
  await showToCamera(service, browser, other.fan, other.tickets[0]);
  const page = await visitor({ email });
  await openDoor(page, scheduleId);
  for (const isOffline of [false, true]) {
    await page.context().setOffline(isOffline);
    await page.getByRole('button', { name: 'Start the camera' }).click();
    await expect(result(page)).toContainText('This ticket is for another date.');
    await next(page);
    await page.getByRole('button', { name: 'Stop the camera' }).click();
  }
});

test('the list is printed with a line for each ticket, and loaded as a table', async ({ service, visitor }) => {
  const { concert, fan, scheduleId, tickets } = await evening(service, [1, 2, 3, 4]);
  const { email } = await doorStaff(service, concert);
  await service.call('POST', `/tickets/${tickets[0].id}/cancellation`, { token: fan.token });
  const page = await visitor({ email });
  await page.addInitScript(() => { globalThis.print = () => {}; });
  await openDoor(page, scheduleId);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'List as CSV' }).click()]);
  expect(file.suggestedFilename()).toBe(`door-list-${scheduleId}.csv`);

  await page.getByRole('button', { name: 'Print the list, or save it as PDF' }).click();
  await page.emulateMedia({ media: 'print' });

  await expect(page.getByRole('table').getByRole('row')).toHaveCount(1 + 3);
  await expect(page.getByRole('table')).toContainText(tickets[1].number);
  await expect(page.getByLabel('Name of this door')).toBeHidden();
  expect((await page.pdf()).length).toBeGreaterThan(5000);
});

test('an operator gives the role, an organizer assigns, and signing out empties the device', async ({ service, visitor }) => {
  const { concert, scheduleId } = await evening(service);
  const staff = await service.newUser();
  const operator = await visitor({ email: 'operator@example.com' });
  operator.on('dialog', (dialog) => dialog.accept());
  await operator.goto('/pages/people');
  await operator.getByLabel('E-mail').fill(staff.email);
  await operator.getByRole('button', { name: 'Find' }).click();
  await operator.getByLabel('Role').selectOption('DOOR');
  await operator.getByRole('button', { name: 'Change the role' }).click();
  await expect(main(operator)).toContainText('Door staff');
  const organizer = await visitor({ email: 'organizer@example.com' });
  organizer.on('dialog', (dialog) => dialog.accept());
  await organizer.goto(`/pages/organize/concerts/${concert.id}`);
  const section = organizer.getByRole('main').locator('section').filter({ has: organizer.getByRole('heading', { name: 'Door staff' }) });
  await section.getByLabel('E-mail').fill(staff.email);
  await section.getByRole('button', { name: 'Add' }).click();
  await expect(section).toContainText(`Kim Fan · ${staff.email}`);

  const page = await visitor({ email: staff.email });
  await openDoor(page, scheduleId);
  await expect(main(page)).toContainText('0 of 3 are in');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible();
  await expect.poll(() => kept(page)).toEqual([]);

  await section.getByRole('button', { name: 'Remove Kim Fan' }).click();
  await expect(section).not.toContainText(staff.email);
});
