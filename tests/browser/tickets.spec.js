// Tickets: one for each paid seat, with a code of its own. They are shown, transferred, cancelled one by one, and printed.

import { readFile } from 'node:fs/promises';
import { FAILURES, FAILURES_OF_CHANGES, ID, failEach } from './failures.js';
import { expect, test } from './stagedoor.js';
import { Journey } from './steps.js';

// Journeys sign in several times.
test.use({ settings: { STAGEDOOR_RATE_LIMITS: 'off' } });

const main = (page) => page.getByRole('main');
const card = (page, seat) => main(page).getByRole('listitem').filter({ has: page.getByRole('heading', { name: seat, exact: true }) });
const codes = (page) => main(page).getByRole('img', { name: /^QR code of ticket/ });
const reservationPage = ({ id }) => `/pages/reservations/${id}`;

/** The tickets of a user, by their seats. */
async function ticketsOf(service, { token }) {
  const { items } = await service.call('GET', '/tickets', { token });
  return items.toSorted((one, other) => one.seat.number - other.seat.number);
}

/** Opens the form that transfers the ticket of a seat, and fills it in. */
async function fillTransfer(page, seat, email) {
  const button = card(page, seat).getByRole('button', { name: `Transfer: ${seat}` });
  if ((await button.getAttribute('aria-expanded')) === 'false') await button.click();
  await card(page, seat).getByLabel('E-mail of the user who gets it').fill(email);
}

const send = (page, seat) => card(page, seat).getByRole('button', { name: 'Transfer this ticket' }).click();

test('a fan who pays for three seats sees three tickets, each with its own code, number, seat and place', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.getByLabel('How many').selectOption('3');
  await page.getByRole('button', { name: 'Take them' }).click();
  await page.getByRole('button', { name: /^Charge/ }).click();
  await page.getByRole('button', { name: /^Pay/ }).click();

  await expect(page.getByRole('heading', { level: 1, name: 'Your tickets' })).toBeVisible();
  await expect(codes(page)).toHaveCount(3);
  const drawings = await codes(page).evaluateAll((images) => images.map(({ src, naturalWidth, clientWidth }) => ({ src, naturalWidth, clientWidth })));
  expect(new Set(drawings.map(({ src }) => src)).size).toBe(3);
  for (const { naturalWidth, clientWidth } of drawings) expect(Math.min(naturalWidth, clientWidth)).toBeGreaterThan(200);
  for (const ticket of await main(page).getByRole('list').first().getByRole('listitem').all()) {
    await expect(ticket).toContainText(concert.title);
    await expect(ticket).toContainText(/Row 1, seat \d/);
    await expect(ticket).toContainText(/[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-Z*~$=]/);
    await expect(ticket).toContainText('Kim Fan');
    await expect(ticket).toContainText('South Korea Time');
  }
});

test('a code is dark on light with a quiet zone in both themes', async ({ service, visitor }) => {
  const { email, reservation } = await service.buy(await service.concert(), [1]);
  for (const colorScheme of ['light', 'dark']) {
    const page = await visitor({ email, colorScheme });
    await page.goto(reservationPage(reservation));
    await expect(codes(page)).toHaveCount(1);
    const box = page.locator('.qr');
    expect(await box.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(255, 255, 255)');
    const quiet = await box.evaluate((element) => Number.parseFloat(getComputedStyle(element).paddingTop));
    expect(quiet).toBeGreaterThan(5);
  }
});

test('a ticket is transferred: the other user has it, and the first user has a void one', async ({ service, visitor }) => {
  const concert = await service.concert();
  const payer = await service.buy(concert, [1, 2, 3]);
  const other = await service.newUser();
  const page = await visitor({ email: payer.email });
  await page.goto(reservationPage(payer.reservation));
  await expect(codes(page)).toHaveCount(3);
  await fillTransfer(page, 'Row 1, seat 2', other.email);
  await expect(main(page).getByText('The other user gets a new ticket for this seat')).toBeVisible();

  page.once('dialog', (dialog) => dialog.dismiss());
  await send(page, 'Row 1, seat 2');
  await expect(codes(page)).toHaveCount(3);
  page.once('dialog', (dialog) => {
    expect(dialog.message()).toBe(`Transfer the ticket for Row 1, seat 2 to ${other.email}? Your ticket is void at once.`);
    return dialog.accept();
  });
  await send(page, 'Row 1, seat 2');

  await expect(card(page, 'Row 1, seat 2')).toContainText('Transferred to another user on');
  await expect(codes(page)).toHaveCount(2);
  await expect(page.getByRole('heading', { name: 'Row 1, seat 2' })).toBeFocused();
  await expect(main(page).getByText('Another user has a ticket of this reservation')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Cancel all tickets' })).toHaveCount(0);

  const [theirs] = await ticketsOf(service, other);
  const second = await visitor({ email: other.email });
  await second.goto('/pages/tickets');
  await second.getByRole('link', { name: concert.title }).click();
  await expect(second.getByRole('heading', { level: 1, name: 'Your ticket' })).toBeVisible();
  expect(new URL(second.url()).pathname).toBe(`/pages/tickets/${theirs.id}`);
  await expect(second.getByRole('heading', { name: 'Row 1, seat 2' })).toBeVisible();
  await expect(main(second)).toContainText(theirs.number);
  await expect(codes(second)).toHaveCount(1);
  await expect(second.getByRole('button', { name: /^Cancel this seat/ })).toHaveCount(0);
  await expect(second.getByRole('link', { name: 'The whole reservation' })).toHaveCount(0);

  await page.goto('/pages/tickets');
  await page.getByText('Past and void (1)').click();
  await page.getByRole('listitem').filter({ hasText: 'Void' }).getByRole('link', { name: concert.title }).click();
  await expect(main(page).getByText('Transferred to another user on')).toBeVisible();
  await expect(codes(page)).toHaveCount(0);
});

test('one seat of three is cancelled: its points come back, and the other tickets stay', async ({ service, visitor }) => {
  const payer = await service.buy(await service.concert(), [1, 2, 3]);
  const page = await visitor({ email: payer.email });
  await page.goto(reservationPage(payer.reservation));
  const cancel = page.getByRole('button', { name: 'Cancel this seat: Row 1, seat 3' });
  page.once('dialog', (dialog) => dialog.dismiss());
  await cancel.click();
  await expect(cancel).toBeEnabled();
  page.once('dialog', (dialog) => {
    expect(dialog.message()).toBe('Cancel Row 1, seat 3 and get 10,000 points back? The ticket is void at once.');
    return dialog.accept();
  });
  await cancel.click();

  await expect(card(page, 'Row 1, seat 3')).toContainText(/You cancelled this seat on .* Refunded: 10,000 points/);
  await expect(codes(page)).toHaveCount(2);
  await expect(main(page).getByText('Paid 20,000 points')).toBeVisible();
  expect((await service.call('GET', '/points', payer)).balance).toBe(10_000);
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Cancel all tickets' }).click();
  await expect(main(page).getByText('Cancelled', { exact: true })).toBeVisible();
  await expect(main(page).getByText('Refunded: 30,000 points', { exact: true })).toBeVisible();
  expect((await service.call('GET', '/points', payer)).balance).toBe(30_000);
});

test('a transfer that is refused says why, and what was typed stays', async ({ service, visitor }) => {
  const payer = await service.buy(await service.concert(), [1, 2]);
  const page = await visitor({ email: payer.email });
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(reservationPage(payer.reservation));

  for (const [email, words] of [['no-user@example.com', 'There is no such user.'], [payer.email, 'This ticket is already yours.']]) {
    await fillTransfer(page, 'Row 1, seat 1', email);
    await send(page, 'Row 1, seat 1');
    await expect(main(page).getByRole('alert')).toContainText(words);
    await expect(page.getByLabel('E-mail of the user who gets it')).toHaveValue(email);
  }
  await expect(codes(page)).toHaveCount(2);
});

test('a ticket that another tab transferred is shown void with the refusal, and why all cannot be cancelled', async ({ service, visitor }) => {
  const payer = await service.buy(await service.concert(), [1, 2]);
  const other = await service.newUser();
  const page = await visitor({ email: payer.email });
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(reservationPage(payer.reservation));
  await expect(codes(page)).toHaveCount(2);
  const [first] = await ticketsOf(service, payer);
  await service.call('POST', `/tickets/${first.id}/transfer`, { token: payer.token, body: { email: other.email }, headers: { 'idempotency-key': crypto.randomUUID() } });

  await page.getByRole('button', { name: 'Cancel all tickets' }).click();
  await expect(main(page).getByRole('alert')).toContainText('Another user has a ticket of this reservation.');
  await expect(card(page, 'Row 1, seat 1')).toContainText('Transferred to another user on');
  await expect(page.getByRole('button', { name: 'Cancel all tickets' })).toHaveCount(0);

  const [, last] = await ticketsOf(service, payer);
  await service.call('POST', `/tickets/${last.id}/cancellation`, { token: payer.token, headers: { 'idempotency-key': crypto.randomUUID() } });
  await page.getByRole('button', { name: 'Cancel this seat: Row 1, seat 2' }).click();
  await expect(card(page, 'Row 1, seat 2').getByRole('alert')).toContainText('This ticket is void');
  await expect(card(page, 'Row 1, seat 2')).toContainText('You cancelled this seat on');
});

test('the calendar file of a ticket is saved, with its date', async ({ service, visitor }) => {
  const concert = await service.concert();
  const payer = await service.buy(concert, [1]);
  const page = await visitor({ email: payer.email });
  await page.goto(reservationPage(payer.reservation));

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Add to the calendar: Row 1, seat 1' }).click();

  const stamp = concert.schedules[0].startsAt.replace(/[-:]|\.\d+/g, '');
  expect(await readFile(await (await download).path(), 'utf8')).toContain(`DTSTART:${stamp}`);
});

test('a code that cannot be read says so, and is read again', async ({ service, visitor }) => {
  const payer = await service.buy(await service.concert(), [1]);
  const page = await visitor({ email: payer.email });
  await page.route('**/qr-code', (route) => route.fulfill({ status: 503, headers: { 'retry-after': '60' }, contentType: 'application/problem+json', body: '{}' }));
  await page.goto(reservationPage(payer.reservation));
  await expect(main(page).getByRole('alert')).toBeVisible();
  await expect(codes(page)).toHaveCount(0);

  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();

  await expect(codes(page)).toHaveCount(1);
});

test('the old address of a reservation leads to its tickets', async ({ service, visitor }) => {
  const payer = await service.buy(await service.concert(), [1]);
  const page = await visitor({ email: payer.email });
  await page.goto(`/pages/tickets/${payer.reservation.id}`);

  await expect(codes(page)).toHaveCount(1);
  expect(new URL(page.url()).pathname).toBe(reservationPage(payer.reservation));
});

test('on paper each valid ticket is whole, black on white, without what is around it', async ({ service, visitor }) => {
  const concert = await service.concert();
  const payer = await service.buy(concert, [1, 2, 3]);
  const [first] = await ticketsOf(service, payer);
  await service.call('POST', `/tickets/${first.id}/cancellation`, { token: payer.token, headers: { 'idempotency-key': crypto.randomUUID() } });
  const page = await visitor({ email: payer.email, colorScheme: 'dark' });
  await page.goto(reservationPage(payer.reservation));
  await expect(codes(page)).toHaveCount(2);
  await page.evaluate(() => { globalThis.print = () => { globalThis.isPrinted = true; }; });
  await page.getByRole('button', { name: 'Print' }).click();
  await expect.poll(() => page.evaluate(() => globalThis.isPrinted)).toBe(true);

  await page.emulateMedia({ media: 'print' });
  await page.screenshot({ path: '../../target/browser/screenshots/ticket-print.png', fullPage: true });
  await expect(page.getByRole('banner')).toBeHidden();
  await expect(page.getByRole('contentinfo')).toBeHidden();
  await expect(page.getByRole('button')).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'Row 1, seat 1' })).toBeHidden();
  for (const seat of ['Row 1, seat 2', 'Row 1, seat 3']) {
    const ticket = card(page, seat);
    await expect(ticket).toContainText(concert.title);
    await expect(ticket).toContainText('Kim Fan');
    await expect(ticket.getByRole('img')).toBeVisible();
    const look = await ticket.evaluate((element) => [element, ...element.querySelectorAll('p, h2, strong')].map((part) => getComputedStyle(part).color));
    expect(new Set(look)).toEqual(new Set(['rgb(0, 0, 0)']));
    expect(await ticket.evaluate((element) => getComputedStyle(element).breakInside)).toBe('avoid');
  }
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
});

test('with forced colours a code keeps its colours', async ({ service, visitor }) => {
  const payer = await service.buy(await service.concert(), [1, 2]);
  for (const colorScheme of ['light', 'dark']) {
    const page = await visitor({ email: payer.email, forcedColors: 'active', colorScheme });
    await page.goto(reservationPage(payer.reservation));
    await expect(codes(page)).toHaveCount(2);
    await page.screenshot({ path: `../../target/browser/screenshots/forced-ticket-${colorScheme}.png`, fullPage: true });
    expect(await page.locator('.qr').first().evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(255, 255, 255)');
  }
});

const REQUESTS = {
  reservation: ['GET', `/reservations/${ID}`],
  tickets: ['GET', '/tickets\\?.*'],
  code: ['GET', `/tickets/${ID}/qr-code`],
  transfer: ['POST', `/tickets/${ID}/transfer`],
  seat: ['POST', `/tickets/${ID}/cancellation`],
};
const CHANGES = Object.fromEntries(Object.entries(REQUESTS).filter(([, [method]]) => method === 'POST'));

const WAYS = [
  ...Object.entries(FAILURES).map(([name, way]) => [`fails once with ${name}`, [way], REQUESTS]),
  ...Object.entries(FAILURES_OF_CHANGES).map(([name, ways]) => [`that changes something has ${name}`, ways, CHANGES]),
];

for (const [name, ways, requests] of WAYS) {
  test(`a ticket is transferred and another one is cancelled: each request ${name}, and everything happens once`, async ({ service, visitor }) => {
    const payer = await service.buy(await service.concert(), [1, 2, 3]);
    const other = await service.newUser();
    const page = await visitor({ email: payer.email });
    const journey = new Journey(page, payer.email);
    const failed = await failEach(page, requests, ways);

    await journey.take({ go: reservationPage(payer.reservation), done: codes(page).nth(2) });
    await journey.take({
      fill: () => fillTransfer(page, 'Row 1, seat 1', other.email),
      press: 'Transfer this ticket', done: card(page, 'Row 1, seat 1').getByText('Transferred to another user on'),
    });
    const button = page.getByRole('button', { name: 'Cancel this seat: Row 1, seat 2' });
    await journey.take({ press: button, done: card(page, 'Row 1, seat 2').getByText('You cancelled this seat on') });

    expect(failed.toSorted()).toEqual(Object.keys(requests).toSorted());
    expect((await ticketsOf(service, payer)).map(({ voidReason }) => voidReason)).toEqual(['TRANSFERRED', 'SEAT_CANCELLED', null]);
    expect((await ticketsOf(service, other)).map(({ seat }) => seat.number)).toEqual([1]);
    expect((await service.call('GET', '/points', payer)).balance).toBe(10_000);
    console.log(`${name}: ${journey.taken.join(', ')}`);
  });
}
