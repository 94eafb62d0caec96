import { expect, test } from './stagedoor.js';

const ORGANIZER = { email: 'organizer@example.com' };

const plan = {
  stage: { x: -4, y: -5, width: 8, height: 3 },
  zones: [{ code: 'R', name: 'Royal', colour: '#7b3fa0' }, { code: 'S', name: 'Standing', colour: '#0f766e' }, { code: 'U', name: 'Unused', colour: '#111111' }],
  sections: [
    { name: 'Stalls', zone: 'R', x: 0, y: 0, rows: [{ label: 'A', seats: 4, exceptions: [{ seat: 1, kind: 'ABSENT' }] }] },
    { name: 'Arena', zone: 'S', x: 0, y: 4, standing: { capacity: 20, width: 6, height: 2 } },
  ],
};

/** Chooses the seat plan of a hall. */
async function choosePlan(page, service, hall) {
  const venue = await service.call('GET', `/venues/${hall.venueId}`);
  await page.getByLabel('A seat plan of a hall').check();
  await page.getByLabel('Venue').selectOption({ label: venue.name });
  await expect(page.getByLabel('Hall', { exact: true })).toHaveValue(hall.id);
}

test('an organizer announces a concert with a hall\'s seat plan and a price for each zone', async ({ service, visitor }) => {
  const hall = await service.hallWith(plan);
  const page = await visitor(ORGANIZER);
  await page.goto('/pages/organize');
  await page.getByLabel('Title').fill('An evening in a hall');
  await choosePlan(page, service, hall);
  await expect(page.getByLabel('Price: Unused')).toHaveCount(0);
  await page.getByLabel('Price: Royal').fill('50000');
  await page.getByLabel('Price: Standing').fill('30000');
  await expect(page.getByText('23 places; all of them cost 750,000 points.')).toBeVisible();
  await expect(page.getByRole('grid', { name: 'Preview: 23 seats' })).toBeAttached();
  await expect(page.locator('.legend')).toContainText('50,000 points');
  await page.getByLabel('Tickets per person').fill('2');
  await page.getByRole('button', { name: 'Announce' }).click();

  await expect(page.getByRole('heading', { name: 'An evening in a hall' })).toBeVisible();
  const id = page.url().split('/').at(-1);
  const { items: [date] } = await service.call('GET', `/concerts/${id}/schedules`, { token: await service.organizer() });
  expect(date).toMatchObject({ hallId: hall.id, planVersion: 1, seatCount: 23, maxTicketsPerPerson: 2 });
  const { prices } = await service.call('GET', `/schedules/${date.id}/plan`, { token: await service.organizer() });
  expect(prices).toEqual({ R: 50_000, S: 30_000 });
});

test('a date is added with an older version of a plan, and the choice survives a change of language', async ({ service, visitor }) => {
  const hall = await service.hallWith(plan);
  await service.changePlan(hall, { ...plan, sections: plan.sections.slice(0, 1) });
  const concert = await service.concert();
  const page = await visitor(ORGANIZER);
  await page.goto('/pages/organize/concerts');
  await page.getByRole('listitem').filter({ hasText: concert.title }).getByRole('link', { name: 'Add a date' }).click();
  await expect(page.getByRole('heading', { level: 1, name: `Add a date: ${concert.title}` })).toBeVisible();
  await choosePlan(page, service, hall);
  await page.getByLabel('Version of the plan').selectOption({ label: 'Version 1' });
  await page.getByLabel('Price: Royal').fill('7000');
  await page.getByRole('button', { name: '한국어' }).click();
  await expect(page.getByLabel('가격: Royal')).toHaveValue('7000');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('button', { name: 'Add a date' }).click();

  await expect(page.getByRole('heading', { level: 1, name: /^Sales/ })).toBeVisible();
  const { items } = await service.call('GET', `/concerts/${concert.id}/schedules`, { token: await service.organizer() });
  expect(items.find(({ hallId }) => hallId)).toMatchObject({ hallId: hall.id, planVersion: 1, seatCount: 23 });
});

test('a date made from a plan needs a hall', async ({ service, visitor }) => {
  await service.venue();
  const page = await visitor(ORGANIZER);
  await page.goto('/pages/organize');
  await page.getByLabel('Title').fill('Nowhere');
  await page.getByLabel('A seat plan of a hall').check();
  await page.getByRole('button', { name: 'Announce' }).click();

  await expect(page.getByLabel('Venue')).toBeFocused();
  await expect(page.getByRole('heading', { level: 1, name: 'Announce a concert' })).toBeVisible();
});

test('the times of a date are entered, shown and changed in the zone of its venue', async ({ service, visitor }) => {
  const hall = await service.hallWith(plan, 'America/New_York');
  const concert = await service.concert();
  const page = await visitor(ORGANIZER);
  await page.goto(`/pages/concerts/${concert.id}/dates`);
  await expect(page.getByRole('main').getByText('South Korea Time (Asia/Seoul)')).toBeVisible();
  await choosePlan(page, service, hall);
  await expect(page.getByRole('main').getByText('(America/New_York)')).toBeVisible();
  for (const [label, time] of [['Starts', '19:30'], ['Ends', '21:30']]) await page.getByLabel(label, { exact: true }).fill(`2027-07-01T${time}`);
  await page.getByRole('button', { name: 'Add a date' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /^Sales/ })).toBeVisible();
  const read = async () => {
    const { items } = await service.call('GET', `/concerts/${concert.id}/schedules`, { token: await service.organizer() });
    return items.find(({ hallId }) => hallId);
  };
  expect(await read()).toMatchObject({ startsAt: '2027-07-01T23:30:00Z' });

  await page.getByRole('row').filter({ hasText: '1 Jul 2027' }).getByRole('button', { name: /^Manage the date/ }).click();
  await expect(page.getByLabel('Starts', { exact: true })).toHaveValue('2027-07-01T19:30');
  await page.getByLabel('Ends', { exact: true }).fill('2027-07-01T22:00');
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Save the date' }).click();
  await expect.poll(async () => (await read()).endsAt).toBe('2027-07-02T02:00:00Z');
});
