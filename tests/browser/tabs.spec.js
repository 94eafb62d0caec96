// Several tabs of one browser, which has six connections to a server (HTTP/1.1).

import { expect, test } from './stagedoor.js';

/** Counts the event streams that a browser has open. */
function countStreams(context) {
  const open = new Set();
  const streams = { most: 0, get now() { return open.size; } };
  context.on('request', (request) => {
    if (!new URL(request.url()).pathname.endsWith('/events')) return;
    open.add(request);
    streams.most = Math.max(streams.most, open.size);
  });
  for (const end of ['requestfinished', 'requestfailed']) context.on(end, (request) => open.delete(request));
  return streams;
}

test('ten tabs of one booking load, follow the seats, and hold one event stream between them', async ({ service, visitor }) => {
  const concert = await service.concert();
  const first = await visitor();
  const context = first.context();
  const streams = countStreams(context);
  const pages = [first];
  while (pages.length < 10) pages.push(await context.newPage());
  for (const page of pages) {
    await page.goto(`/pages/concerts/${concert.id}/book`);
    await expect(page.getByRole('main').getByText('50 seats free')).toBeVisible();
  }

  await service.hold(concert, [1, 2]);
  for (const page of pages) await expect(page.getByRole('main').getByText('48 seats free')).toBeVisible();

  expect(streams.most).toBe(1);
});

test('when the tab that leads is closed another one goes on', async ({ service, visitor }) => {
  const concert = await service.concert();
  const first = await visitor();
  const streams = countStreams(first.context());
  const second = await first.context().newPage();
  for (const page of [first, second]) {
    await page.goto(`/pages/concerts/${concert.id}/book`);
    await expect(page.getByRole('main').getByText('50 seats free')).toBeVisible();
  }
  await expect.poll(() => streams.now).toBe(1);

  await first.close();
  await service.hold(concert, [1]);

  await expect(second.getByRole('main').getByText('49 seats free')).toBeVisible();
});

test('tabs in two lines and two seat maps all go on', async ({ service, visitor }) => {
  const first = await visitor();
  const context = first.context();
  const streams = countStreams(context);
  const lines = [];
  for (let n = 0; n < 2; n += 1) lines.push(await service.concert({ policy: { capacity: 0, admitIntervalSeconds: 1 } }));
  const maps = [await service.concert(), await service.concert()];
  const pages = [first];
  while (pages.length < 4) pages.push(await context.newPage());
  for (const [index, concert] of [...lines, ...maps].entries()) await pages[index].goto(`/pages/concerts/${concert.id}/book`);
  for (const page of pages.slice(0, 2)) await expect(page.getByRole('main').getByText('You are next')).toBeVisible();
  for (const page of pages.slice(2)) await expect(page.getByRole('main').getByText('50 seats free')).toBeVisible();

  for (const concert of lines) await service.updateRoom(concert, { capacity: 10 });
  for (const concert of maps) await service.hold(concert, [1]);

  for (const page of pages.slice(0, 2)) await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
  for (const page of pages.slice(2)) await expect(page.getByRole('main').getByText('49 seats free')).toBeVisible();
  // A tab that is done hands the stream over; the end of the old one may be heard after the beginning of the new one.
  await expect.poll(() => streams.now).toBe(1);
  expect(streams.most).toBeLessThanOrEqual(2);
});

test('seats taken in one tab lead every other tab of the booking to the payment or keep it usable', async ({ service, visitor }) => {
  const concert = await service.concert();
  const first = await visitor();
  const second = await first.context().newPage();
  for (const page of [first, second]) {
    await page.goto(`/pages/concerts/${concert.id}/book`);
    await expect(page.getByRole('main').getByText('50 seats free')).toBeVisible();
  }
  await first.getByRole('button', { name: 'Take them' }).click();
  await first.getByRole('button', { name: /^Charge/ }).click();
  await second.reload();
  await expect(second.getByRole('main').getByText('held for you for')).toBeVisible();

  await first.getByRole('button', { name: /^Pay/ }).click();
  await expect(first.getByRole('heading', { name: 'Your tickets' })).toBeVisible();

  // The other tab learns with its next poll that the seats are paid for.
  await expect(second.getByRole('heading', { name: 'Your tickets' })).toBeVisible();
});
