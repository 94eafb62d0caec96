import { expect, test } from './stagedoor.js';

const CLOSED = { capacity: 0, admitIntervalSeconds: 1 };

test('a fan waits, sees the position change, and is admitted', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: CLOSED });
  const ahead = [await service.join(concert), await service.join(concert)];
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('People ahead of you: 2')).toBeVisible();
  await expect(page.getByRole('main').getByText('The waiting time is not known yet')).toBeVisible();
  await expect(page.getByRole('main').getByText(/your position is kept for 10 minutes/)).toBeVisible();
  await expect(page).toHaveTitle(/^\(3\)/);

  await service.call('DELETE', '/queue-tokens/me', { token: ahead[0].token });
  await expect(page.getByRole('main').getByText('People ahead of you: 1')).toBeVisible();
  await service.call('DELETE', '/queue-tokens/me', { token: ahead[1].token });
  await expect(page.getByRole('main').getByText('You are next')).toBeVisible();
  await service.updateRoom(concert, { capacity: 10 });

  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
});

test('a waiting user sees that an operator pauses the room, and the message', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: CLOSED });
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('You are next')).toBeVisible();

  await service.updateRoom(concert, { paused: true, message: 'Back at 10:30.' });
  await expect(page.getByRole('main').getByText('The queue is paused')).toBeVisible();
  await expect(page.getByRole('main').getByText('Back at 10:30.')).toBeVisible();
  await service.updateRoom(concert, { paused: false, message: '', capacity: 10 });

  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
});

test('a lost connection is shown, and the page reconnects by itself', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: CLOSED });
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('You are next')).toBeVisible();

  await page.context().setOffline(true);
  await expect(page.getByRole('main').getByText('The connection is lost')).toBeVisible();
  await page.context().setOffline(false);
  await service.updateRoom(concert, { capacity: 10 });

  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible({ timeout: 30_000 });
});

test('a phone that was asleep and offline for four minutes asks at once when it wakes, and says that the place was kept', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: CLOSED });
  const page = await visitor();
  await page.clock.install();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('You are next')).toBeVisible();
  await page.context().setOffline(true);
  await expect(page.getByRole('main').getByText(/Your position is kept until \d+:\d\d:\d\d .*\(South Korea Time\)/)).toBeVisible();
  // Asleep: no timer runs, and the clock is ahead when the phone wakes.
  await page.clock.pauseAt(Date.now() + 240_000);
  await service.join(concert);

  await page.context().setOffline(false);

  await expect(page.getByRole('main').getByText('You are back after 5 minutes without a connection. Your position was kept.')).toBeVisible();
  await expect(page.getByRole('main').getByText('Waiting in all: 2')).toBeVisible();
});

test('leaving the queue loses the position, and the user can join again at its end', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: CLOSED });
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('You are next')).toBeVisible();
  await service.join(concert);
  page.on('dialog', (dialog) => dialog.accept());

  await page.getByRole('button', { name: 'Leave the queue' }).click();
  await expect(page.getByRole('heading', { name: 'You have left the queue' })).toBeVisible();
  await page.getByRole('button', { name: 'Join the queue again' }).click();

  await expect(page.getByRole('main').getByText('People ahead of you: 1')).toBeVisible();
});

test('a token whose time is up is told so with a way on', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: { activeSeconds: 3 } });
  const page = await visitor();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();

  await expect(page.getByRole('heading', { name: 'Your time to shop has expired' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Join the queue again' })).toBeVisible();
});

/** A service whose tokens are in a long queue, as long as `isLong`, and the requests that a page makes of it. */
async function longQueue(page) {
  const queue = { isLong: true, asked: [], signed: [], line: undefined, bits: [] };
  const place = (body) => (queue.isLong ? { ...body, sequence: 9_000, ahead: 8_999, position: 9_000, pollAfterSeconds: 1 } : body);
  const told = async (route) => {
    const response = await route.fetch();
    return route.fulfill({ response, json: place(await response.json()) });
  };
  const note = (name, answer) => async (route) => {
    const headers = await route.request().allHeaders();
    queue.asked.push(name);
    if (name !== 'token' && (headers.authorization || headers.cookie)) queue.signed.push(name);
    return answer(route);
  };
  await page.route('**/api/v1/concerts/*/queue-tokens', told);
  await page.route('**/api/v1/queue-tokens/me', note('token', told));
  await page.route('**/api/v1/rooms/*/line', note('line', (route) => route.fulfill({ json: queue.line })));
  await page.route('**/api/v1/rooms/*/line/2', note('block', (route) => {
    const bytes = Buffer.alloc(512);
    for (const index of queue.bits) bytes[index >> 3] |= 1 << (index & 7);
    return route.fulfill({ json: { block: 2, removed: bytes.toString('base64') } });
  }));
  return queue;
}

const LINE = { version: 1, blockSize: 4096, lastSequence: 20_000, waiting: 20_000, emptyBlocks: 0, removed: [], admittedPerSecond: 10, paused: false, state: 'OPEN' };

test('in a long queue the page computes its position from what caches serve, and it never rises', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: CLOSED });
  const page = await visitor();
  const main = page.getByRole('main');
  const queue = await longQueue(page);
  queue.line = LINE;
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(main.getByText('People ahead of you: 8,999')).toBeVisible();
  await expect(main.getByText('Waiting in all: 20,000')).toBeVisible();
  expect(queue.asked).not.toContain('block');

  // Number 9,000 is at index 807 of block 2: of the block's ten numbers that left, seven are ahead.
  queue.bits = [0, 1, 2, 3, 4, 5, 806, 808, 900, 4_095];
  queue.line = { ...LINE, removed: [1_000, 0, 10], waiting: 18_990, message: 'Back at 10:30.' };
  await expect(main.getByText('People ahead of you: 7,992')).toBeVisible();
  await expect(main.getByText('Waiting in all: 18,990')).toBeVisible();
  await expect(main.getByText('Back at 10:30.')).toBeVisible();

  // Another cache has an older answer.
  queue.line = { ...LINE, removed: [900, 0, 10], waiting: 19_090 };
  await expect(main.getByText('Waiting in all: 19,090')).toBeVisible();
  await expect(main.getByText('People ahead of you: 7,992')).toBeVisible();

  queue.line = { ...LINE, emptyBlocks: 1, removed: [100, 10], waiting: 15_794, paused: true };
  await expect(main.getByText('People ahead of you: 4,796')).toBeVisible();
  await expect(main.getByText('The queue is paused')).toBeVisible();
  expect(queue.asked.filter((name) => name === 'block')).toHaveLength(1);
  expect(queue.asked).not.toContain('token');
  expect(queue.signed).toEqual([]);

  // The own number has left: the page asks for the token.
  queue.isLong = false;
  queue.line = { ...LINE, emptyBlocks: 3, removed: [] };
  await expect(main.getByText('You are next')).toBeVisible();
  expect(queue.asked).toContain('token');
  await service.updateRoom(concert, { capacity: 10 });
  await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
});

test('a page whose line cannot be read asks for its token, and sends heartbeats in time', async ({ service, visitor }) => {
  const concert = await service.concert({ policy: { ...CLOSED, idleSeconds: 12 } });
  const page = await visitor();
  const queue = await longQueue(page);
  queue.line = LINE;
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('People ahead of you: 8,999')).toBeVisible();
  // A heartbeat is due after a quarter of the idle time; meanwhile the line is read.
  await expect.poll(() => queue.asked.filter((name) => name === 'token').length).toBeGreaterThan(1);
  expect(queue.asked.filter((name) => name === 'line').length).toBeGreaterThan(1);

  await page.route('**/api/v1/rooms/*/line', (route) => route.fulfill({ status: 503, json: { code: 'UNAVAILABLE' } }));
  queue.isLong = false;

  await expect(page.getByRole('main').getByText('You are next')).toBeVisible();
});
