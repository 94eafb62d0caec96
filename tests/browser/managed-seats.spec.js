// Seats that staff take out of sale, put back, and give away.

import { clickSeat, expect, test } from './stagedoor.js';

const ORGANIZER = { email: 'organizer@example.com' };
const PLAN = {
  stage: { x: -4, y: -5, width: 8, height: 3 },
  zones: [{ code: 'R', name: 'Royal', colour: '#7b3fa0' }, { code: 'S', name: 'Standing', colour: '#0f766e' }],
  sections: [
    { name: 'Stalls', zone: 'R', x: 0, y: 0, rows: [{ label: 'A', seats: 6 }, { label: 'B', seats: 6 }] },
    { name: 'Arena', zone: 'S', x: 0, y: 4, standing: { capacity: 20, width: 6, height: 2 } },
  ],
};

const chosen = (page) => page.getByRole('complementary', { name: 'Chosen' });
const seat = (page, name) => page.getByRole('grid', { name: 'Seat map' }).getByRole('button', { name });
const statesOf = async (service, concert) => {
  const { states } = await service.call('GET', `/schedules/${concert.schedules[0].id}/seat-status`, { token: await service.operator() });
  return [...Buffer.from(states, 'base64')].flatMap((byte) => [0, 2, 4, 6].map((at) => (byte >> at) & 3));
};
const BLOCKED = 3;

test('an organizer blocks a row for a reason, and puts it back on sale, while a fan looks on', async ({ service, visitor }) => {
  const concert = await service.concert();
  const fan = await visitor();
  await fan.goto(`/pages/concerts/${concert.id}/book`);
  await expect(fan.getByRole('main').getByText('50 seats free')).toBeVisible();
  const page = await visitor(ORGANIZER);
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(`/pages/concerts/${concert.id}/sales?map=${concert.schedules[0].id}`);
  await clickSeat(page, 'Row 2', 'seat 3');
  await page.getByRole('button', { name: 'Rest of the row' }).click();
  await expect(chosen(page)).toContainText('Row 2, seats 1 to 10');

  await page.getByLabel('Reason').first().fill('The mixing desk stands here.');
  await page.getByRole('button', { name: 'Block: 10' }).click();

  await expect(chosen(page)).toContainText('Blocked: 10');
  await expect(fan.getByRole('main').getByText('40 seats free')).toBeVisible();
  const blocks = page.getByRole('region', { name: 'Blocked seats' });
  await expect(blocks.getByRole('row').nth(1)).toContainText('The mixing desk stands here.');
  await expect(seat(page, 'Row 2, seat 3, 10,000 points, Not for sale')).toBeAttached();
  await blocks.getByRole('button', { name: 'Put back on sale: Row 2, seats 1 to 10' }).click();
  await expect(chosen(page)).toContainText('On sale again: 10');
  await expect(blocks).toHaveCount(0);
  await expect(fan.getByRole('main').getByText('50 seats free')).toBeVisible();
});

test('blocked seats are chosen on the map to be put back or given away, and the other seats with them are not blocked twice', async ({ service, visitor }) => {
  const concert = await service.concert();
  await service.block(concert, [1, 2, 3, 4, 5, 6], 'For the press.');
  const guest = await service.newUser();
  const page = await visitor(ORGANIZER);
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(`/pages/concerts/${concert.id}/sales?map=${concert.schedules[0].id}`);
  await clickSeat(page, 'Row 1', 'seat 1');
  await clickSeat(page, 'Row 1', 'seat 7');
  await expect(chosen(page)).toContainText('Row 1, seat 1 · Row 1, seat 7');
  await expect(page.getByRole('button', { name: /^Block:/ })).toHaveCount(0);
  await clickSeat(page, 'Row 1', 'seat 7');

  await chosen(page).getByRole('button', { name: 'Put back on sale: 1', exact: true }).click();
  await expect(chosen(page)).toContainText('On sale again: 1');
  await clickSeat(page, 'Row 1', 'seat 2');
  await clickSeat(page, 'Row 1', 'seat 3');
  await page.getByText('Give as complimentary tickets').click();
  await page.getByLabel('E-mail').fill('no-user@example.com');
  await page.getByLabel('Reason').fill('For the critic.');
  await page.getByRole('button', { name: 'Give: 2' }).click();
  await expect(chosen(page).getByRole('alert')).toBeVisible();
  await expect(page.getByLabel('Reason')).toHaveValue('For the critic.');
  await page.getByLabel('E-mail').fill(guest.email);
  await page.getByRole('button', { name: 'Give: 2' }).click();

  await expect(chosen(page)).toContainText(`Given to ${guest.email}: 2`);
  await expect(seat(page, 'Row 1, seat 2, 10,000 points, Taken')).toBeAttached();
  const { items: [ticket] } = await service.call('GET', '/reservations', { token: guest.token });
  expect(ticket).toMatchObject({ status: 'CONFIRMED', totalPrice: 0 });
  expect(ticket.seats.map(({ seatNumber, column }) => seatNumber ?? column)).toEqual([2, 3]);
  expect((await statesOf(service, concert)).slice(0, 7)).toEqual([0, 2, 2, BLOCKED, BLOCKED, BLOCKED, 0]);
});

test('an organizer blocks places of a standing area, as many as wanted', async ({ service, visitor }) => {
  const concert = await service.concert({ plan: await service.hall(PLAN, { R: 50_000, S: 30_000 }) });
  const page = await visitor(ORGANIZER);
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(`/pages/concerts/${concert.id}/sales?map=${concert.schedules[0].id}`);
  await page.getByLabel('Arena, standing: how many').fill('15');
  await page.getByLabel('Arena, standing: how many').press('Tab');
  await expect(chosen(page)).toContainText('Chosen: 15');

  await page.getByLabel('Reason').fill('The stage is larger.');
  await page.getByRole('button', { name: 'Block: 15' }).click();

  await expect(chosen(page)).toContainText('Blocked: 15');
  await expect(page.getByRole('region', { name: 'Blocked seats' })).toContainText('Arena, standing × 15');
  expect((await statesOf(service, concert)).filter((state) => state === BLOCKED)).toHaveLength(15);
});

test('seats that a fan is faster at leave the choice of staff, and a lost answer blocks nothing twice', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor(ORGANIZER);
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(`/pages/concerts/${concert.id}/sales?map=${concert.schedules[0].id}`);
  await clickSeat(page, 'Row 1', 'seat 1');
  await clickSeat(page, 'Row 1', 'seat 2');
  await service.hold(concert, [1]);
  await expect(chosen(page)).toContainText('another user was faster');
  await expect(chosen(page)).toContainText('Row 1, seat 2');
  await page.route('**/seat-blocks', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    await route.fetch();
    return route.abort('connectionreset');
  });

  await page.getByLabel('Reason').first().fill('A camera stands here.');
  await page.getByRole('button', { name: 'Block: 1' }).click();

  await expect(page.getByRole('region', { name: 'Blocked seats' }).getByRole('row')).toHaveCount(2);
  await expect(page.getByRole('button', { name: 'Block: 1' })).toHaveCount(0);
  await expect(chosen(page)).toContainText('Blocked: 1');
  expect((await statesOf(service, concert)).slice(0, 3)).toEqual([1, BLOCKED, 0]);
});

test('blocked seats and complimentary tickets are on record in words, with their reasons', async ({ service, visitor }) => {
  const concert = await service.concert();
  const token = await service.organizer();
  const path = `/schedules/${concert.schedules[0].id}`;
  await service.block(concert, [1, 2, 3]);
  await service.call('POST', `${path}/seat-blocks/removal`, { token, body: { seatNumbers: [3] } });
  await service.call('POST', `${path}/complimentary-tickets`, { token, body: { seatNumbers: [5], email: 'fan@example.com', reason: 'A guest of the band.' } });
  const page = await visitor({ email: 'operator@example.com' });

  await page.goto('/pages/operator-actions');

  await expect(page.getByRole('row').filter({ hasText: 'Seats blocked: 3' }).first()).toContainText('The mixing desk stands here.');
  await expect(page.getByRole('row').filter({ hasText: 'Seats put back on sale: 1' }).first()).toContainText('Demo Organizer');
  await expect(page.getByRole('row').filter({ hasText: 'Complimentary tickets given' }).first()).toContainText('A guest of the band.');
});

test('nothing can be chosen on the map of a cancelled date', async ({ service, visitor }) => {
  const concert = await service.concert();
  await service.cancelDate(concert);
  const page = await visitor(ORGANIZER);
  await page.goto(`/pages/concerts/${concert.id}/sales?map=${concert.schedules[0].id}`);
  await page.locator('.seat-map').waitFor();

  await clickSeat(page, 'Row 1', 'seat 1');

  await expect(chosen(page)).toHaveCount(0);
  await expect(seat(page, 'Row 1, seat 1, 10,000 points, Free')).toBeAttached();
});
