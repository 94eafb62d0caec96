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
