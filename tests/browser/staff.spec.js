import { expect, test } from './stagedoor.js';

test('an operator watches a room, pauses it while a fan waits, tells them why, and it is on record', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: { capacity: 0, admitIntervalSeconds: 1 } });
  const fan = await visitor();
  await fan.goto(`/pages/concerts/${concert.id}/book`);
  await expect(fan.getByRole('main').getByText('You are next')).toBeVisible();
  const operator = await visitor({ email: 'operator@example.com' });
  operator.on('dialog', (dialog) => dialog.accept());
  await operator.getByRole('link', { name: 'Rooms' }).click();
  await operator.getByRole('link', { name: concert.title }).click();
  await expect(operator.getByRole('figure').filter({ hasText: 'Waiting' })).toContainText('1');

  await operator.getByLabel('Message to waiting users').fill('Back at 10:30.');
  await operator.getByRole('button', { name: 'Save' }).click();
  await operator.getByRole('button', { name: 'Pause' }).click();
  await expect(operator.getByRole('button', { name: 'Resume' })).toBeVisible();
  await expect(fan.getByRole('main').getByText('The queue is paused')).toBeVisible();
  await expect(fan.getByRole('main').getByText('Back at 10:30.')).toBeVisible();
  await operator.getByLabel('Capacity').fill('5');
  await operator.getByRole('button', { name: 'Save' }).click();
  await operator.getByRole('button', { name: 'Resume' }).click();

  await expect(fan.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
  await expect(operator.getByRole('figure').filter({ hasText: 'Active' })).toContainText('1');
  await operator.getByRole('link', { name: 'Audit log' }).click();
  const records = operator.getByRole('row').filter({ hasText: concert.title });
  await expect(records.filter({ hasText: 'Message to waiting users: nothing → Back at 10:30.' })).toHaveCount(1);
  await expect(records.filter({ hasText: 'Capacity: 0 → 5' })).toHaveCount(1);
  await expect(records.filter({ hasText: 'Paused: no → yes' })).toContainText('Demo Operator');
});

test('the charts of a room go on after a reload where they were', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: { capacity: 0, admitIntervalSeconds: 1 } });
  const { token } = await service.join(concert);
  const page = await visitor({ email: 'operator@example.com' });
  const waiting = page.getByRole('img', { name: /^Waiting/ });
  await page.goto(`/pages/rooms/${concert.room.id}`);
  await expect(waiting).toHaveAccessibleName(/Waiting: 1 now/);
  await service.call('DELETE', '/queue-tokens/me', { token });
  await expect(waiting).toHaveAccessibleName(/Waiting: 0 now/);

  await page.reload();

  await expect(waiting).toHaveAccessibleName('Waiting: 0 now, 0 to 1 in the last 10 minutes');
});

test('an operator sees how a concert sells, on a live map, and finds a person\'s reservations', async ({ service, visitor }) => {
  const concert = await service.concert();
  const fan = await service.newUser();
  const operator = await visitor({ email: 'operator@example.com' });
  await operator.goto(`/pages/concerts/${concert.id}/sales?map=${concert.schedules[0].id}`);
  await expect(operator.getByRole('row').nth(1)).toContainText('50');

  const pass = await service.call('POST', `/concerts/${concert.id}/queue-tokens`, { token: fan.token });
  await service.call('POST', '/reservations', { token: pass.token, body: { scheduleId: concert.schedules[0].id, seatNumbers: [1] } });
  await expect(operator.getByRole('row').nth(1)).toContainText('49');
  await expect(operator.getByRole('button', { name: 'Row 1, seat 1, 10,000 points, Taken' })).toBeAttached();
  await operator.getByRole('link', { name: 'People' }).click();
  await operator.getByLabel('E-mail').fill(fan.email);
  await operator.getByRole('button', { name: 'Find' }).click();

  await expect(operator.getByRole('main').getByText('Row 1, seat 1')).toBeVisible();
  await expect(operator.getByRole('listitem').filter({ hasText: 'Row 1, seat 1' }).getByRole('heading', { name: concert.title })).toBeVisible();
});

test('a date that another user adds is shown among the sales without a reload', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor({ email: 'organizer@example.com' });
  await page.goto(`/pages/concerts/${concert.id}/sales`);
  const rows = page.getByRole('region', { name: 'Sales', exact: true }).getByRole('row');
  await expect(rows).toHaveCount(2);

  await service.addDate(concert);

  await expect(rows).toHaveCount(3);
});

test('sales by day are drawn as soon as a ticket is sold, survive a reload, and can be read as a table', async ({ service, visitor }) => {
  const concert = await service.concert({ sections: [{ label: 'VIP', rows: 1, columns: 5, price: 20_000 }, { label: 'R', rows: 2, columns: 5, price: 5_000 }] });
  const page = await visitor({ email: 'organizer@example.com' });
  await page.goto(`/pages/concerts/${concert.id}/sales`);
  await expect(page.getByRole('main').getByText('No ticket has been sold yet.')).toBeVisible();

  await service.buy(concert, [1, 2]);
  await service.buy(concert, [6]);

  const chart = (name) => page.getByRole('img', { name });
  await expect(chart(/^Tickets by day: 3 from/)).toBeVisible();
  await page.reload();
  await expect(chart(/^Tickets by day: 3 from/).locator('canvas')).toBeVisible();
  await expect(chart(/^Revenue by day: 45,000 points from/)).toBeVisible();
  await page.getByText('Sales by day as a table').click();
  const table = page.getByRole('region', { name: 'Sales by day' });
  await expect(table.getByRole('row').filter({ hasText: 'VIP' })).toContainText('40,000 points');
  await expect(table.getByRole('row').filter({ hasText: '5,000 points' }).last()).toContainText('1');
});

test('an organizer announces a concert, with a preview of its seats', async ({ visitor }) => {
  const organizer = await visitor({ email: 'organizer@example.com' });
  await organizer.getByRole('link', { name: 'New concert' }).click();
  await organizer.getByLabel('Title').fill('A new evening');
  await organizer.getByLabel('Rows').fill('4');
  await organizer.getByRole('button', { name: 'Add a section' }).click();
  await expect(organizer.getByRole('main').getByText('Preview: 90 seats')).toBeVisible();

  await organizer.getByRole('button', { name: 'Announce' }).click();

  await expect(organizer.getByRole('heading', { name: 'A new evening' })).toBeVisible();
  await expect(organizer.getByRole('main').getByText('Booking is open')).toBeVisible();
});

test('an operator pauses all rooms and resumes them, each after a confirmation', async ({ service, visitor }) => {
  const [one, other] = [await service.concert(), await service.concert()];
  const page = await visitor({ email: 'operator@example.com' });
  await page.goto('/pages/rooms');
  const states = [one, other].map(({ title }) => page.getByRole('row').filter({ hasText: title }).locator('.tag'));
  page.once('dialog', (dialog) => dialog.dismiss());
  await page.getByRole('button', { name: 'Pause all' }).click();
  for (const state of states) await expect(state).toHaveText('Open');

  page.on('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Pause all' }).click();
  for (const state of states) await expect(state).toHaveText('Paused');
  const { policy } = await service.call('GET', `/rooms/${other.room.id}`, { token: await service.operator() });
  expect(policy.paused).toBe(true);
  await page.getByRole('button', { name: 'Resume all' }).click();

  for (const state of states) await expect(state).toHaveText('Open');
});

test('an operator changes the role of a user after a confirmation, and not the own one', async ({ service, visitor }) => {
  const { email } = await service.newUser();
  const page = await visitor({ email: 'operator@example.com' });
  const find = async (address) => {
    await page.getByLabel('E-mail').fill(address);
    await page.getByRole('button', { name: 'Find' }).click();
    await expect(page.getByRole('heading', { name: address })).toBeVisible();
  };
  await page.goto('/pages/people');
  await find(email);
  await page.getByLabel('Role').selectOption('Organizer');
  page.once('dialog', (dialog) => dialog.dismiss());
  await page.getByRole('button', { name: 'Change the role' }).click();
  await expect(page.getByLabel('Role')).toHaveValue('ORGANIZER');

  page.on('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Change the role' }).click();

  await expect(page.getByRole('main').getByText('The role of Kim Fan is Organizer now.')).toBeVisible();
  const { role } = await service.call('GET', `/users?email=${email}`, { token: await service.operator() });
  expect(role).toBe('ORGANIZER');
  await find('operator@example.com');
  await expect(page.getByLabel('Role')).toHaveValue('OPERATOR');
  await page.getByLabel('Role').selectOption('Fan');
  await page.getByRole('button', { name: 'Change the role' }).click();
  await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
});

test('a fan finds no way behind the counter', async ({ visitor }) => {
  const fan = await visitor();
  await expect(fan.getByRole('link', { name: 'Rooms' })).toHaveCount(0);
  await fan.goto('/pages/rooms');
  await expect(fan.getByRole('main').getByText('Only operators may do this.')).toBeVisible();
});

test('of two operators each changes what they changed, and sees what the other did', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: { capacity: 0 } });
  const pages = [];
  for (let n = 0; n < 2; n += 1) {
    const page = await visitor({ email: 'operator@example.com' });
    await page.goto(`/pages/rooms/${concert.room.id}`);
    await expect(page.getByLabel('Capacity')).toHaveValue('0');
    pages.push(page);
  }
  const [first, second] = pages;
  await first.getByLabel('Message to waiting users').fill('Back at 10:30.');

  await second.getByLabel('Capacity').fill('777');
  await second.getByRole('button', { name: 'Save' }).click();
  await expect(first.getByLabel('Capacity')).toHaveValue('777');
  const sent = first.waitForRequest((request) => request.method() === 'PATCH');
  await first.getByRole('button', { name: 'Save' }).click();

  expect((await sent).postDataJSON()).toEqual({ message: 'Back at 10:30.' });
  await expect(second.getByLabel('Message to waiting users')).toHaveValue('Back at 10:30.');
  const room = await service.call('GET', `/rooms/${concert.room.id}`, { token: await service.operator() });
  expect([room.policy.capacity, room.message]).toEqual([777, 'Back at 10:30.']);
});

test('an operator who edits what another changed meanwhile is told, and keeps what was typed', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: { capacity: 0 } });
  const page = await visitor({ email: 'operator@example.com' });
  await page.goto(`/pages/rooms/${concert.room.id}`);
  await page.getByLabel('Capacity').fill('5');

  await service.updateRoom(concert, { capacity: 777 });

  await expect(page.getByRole('main').getByText('Capacity: another operator has set 777 meanwhile.')).toBeVisible();
  await expect(page.getByLabel('Capacity')).toHaveValue('5');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('main').getByText('another operator has set')).toHaveCount(0);
  const room = await service.call('GET', `/rooms/${concert.room.id}`, { token: await service.operator() });
  expect(room.policy.capacity).toBe(5);
});

for (const [name, path] of [['one room', 'rooms/ID'], ['the rooms', 'rooms'], ['sales', 'concerts/ID/sales']]) {
  test(`an operator whose session ends on the page of ${name} is told so with a way to sign in and come back`, async ({ service, visitor }) => {
    const concert = await service.concert();
    const page = await visitor({ email: 'operator@example.com' });
    const address = `/pages/${path.replace('ID', path.startsWith('rooms') ? concert.room.id : concert.id)}`;
    await page.goto(address);
    await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();

    await page.context().clearCookies();
    await expect(page.getByRole('main').getByText('Your session has ended')).toBeVisible();
    await expect(page.getByRole('main').getByText('The connection is lost')).toHaveCount(0);
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('E-mail').fill('operator@example.com');
    await page.getByLabel('Password').fill('stagedoor');
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();

    await expect(page).toHaveURL(address);
    await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
    await expect(page.getByRole('main').getByText('Your session has ended')).toHaveCount(0);
  });
}

test('an operator removes a position from the queue by its number, with a reason that is on record', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: { capacity: 0 } });
  const fan = await visitor();
  await fan.goto(`/pages/concerts/${concert.id}/book`);
  const number = await fan.getByText('Number of your position').locator('code').textContent();
  const page = await visitor({ email: 'operator@example.com' });
  await page.goto(`/pages/rooms/${concert.room.id}`);
  await expect(page.getByRole('figure').filter({ hasText: 'Active' })).toContainText('Capacity: 0');
  await expect(page.getByRole('figure').filter({ hasText: 'Commands refused in the last minute' })).toBeVisible();
  await page.getByLabel('Number of the position').fill(number);
  await page.getByLabel('Reason').fill('Sold the position on.');
  page.on('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Remove from the queue' }).click();

  await expect(page.getByRole('main').getByText(`Removed: ${number}`)).toBeVisible();
  await expect(fan.getByRole('heading', { name: 'You have left the queue' })).toBeVisible();
  await page.getByLabel('Number of the position').fill('00000000-0000-7000-8000-000000000000');
  await page.getByLabel('Reason').fill('No such position.');
  await page.getByRole('button', { name: 'Remove from the queue' }).click();
  await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Sold the position on.' })).toContainText('Queue token removed');
});

test('an operator finds a user in a queue by the e-mail address, and removes them with a reason', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: { capacity: 0 } });
  const fan = await service.newUser();
  const { token } = await service.call('POST', `/concerts/${concert.id}/queue-tokens`, { token: fan.token });
  const page = await visitor({ email: 'operator@example.com' });
  await page.goto(`/pages/rooms/${concert.room.id}`);
  await page.getByRole('link', { name: 'Find the user by e-mail' }).click();
  await page.getByLabel('E-mail').fill(fan.email);
  await page.getByRole('button', { name: 'Find' }).click();
  const place = page.getByRole('listitem').filter({ hasText: concert.title });
  await expect(place).toContainText('Waiting');
  await place.getByText('Remove from the queue').first().click();
  await place.getByLabel('Reason').fill('Sold the position on.');
  page.once('dialog', (dialog) => dialog.accept());
  await place.getByRole('button', { name: 'Remove from the queue' }).click();

  await expect(place).toContainText('Removed');
  await expect(place.getByLabel('Reason')).toHaveCount(0);
  await expect.poll(async () => (await service.call('GET', '/queue-tokens/me', { token })).status).toBe('EXPIRED');
});

test('rooms cannot be resumed while a pause without an answer is sent again, which would pause them afterwards', async ({ service, visitor }) => {
  await service.concert();
  const page = await visitor({ email: 'operator@example.com' });
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto('/pages/rooms');
  let answer;
  const held = new Promise((resolve) => { answer = resolve; });
  await page.route('**/rooms/pause', async (route) => {
    await held;
    await route.fallback();
  }, { times: 1 });

  await page.getByRole('button', { name: 'Pause all' }).click();

  await expect(page.getByRole('button', { name: 'Resume all' })).toBeDisabled();
  answer();
  await expect(page.getByRole('button', { name: 'Resume all' })).toBeEnabled();
  await page.getByRole('button', { name: 'Resume all' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Paused' })).toHaveCount(0);
});
