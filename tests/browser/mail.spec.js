// E-mail: confirming one's address, setting a new password, and getting one's tickets.

import { randomUUID } from 'node:crypto';
import { MailServer } from './mail-server.js';
import { test as base, expect } from './stagedoor.js';

const test = base.extend({
  mail: [async ({}, use) => {
    const server = await MailServer.start();
    await use(server);
    server.stop();
  }, { scope: 'worker' }],
  settings: [async ({ mail }, use) => use(mail.settings()), { scope: 'worker' }],
});

const anAddress = () => `${randomUUID()}@example.com`;

/** Signs up by the page. */
async function signUp(page, email, password = 'stagedoor') {
  await page.goto('/pages/sign-up');
  await page.getByLabel('Name').fill('Kim Fan');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.waitForURL((url) => url.pathname === '/');
}

test('a new user is asked on every page to confirm the address, until the link in the e-mail was opened', async ({ visitor, mail }) => {
  const [page, email] = [await visitor({ email: null }), anAddress()];
  await signUp(page, email);
  const asked = page.getByRole('complementary', { name: 'Your e-mail address' });
  await expect(asked).toContainText(email);
  await page.goto('/pages/points');
  await asked.getByRole('button', { name: 'Send the link again' }).click();
  await expect(asked).toContainText('A new link is on its way');

  await page.goto(await mail.link(email));

  await expect(page.getByText('Your e-mail address is confirmed.')).toBeVisible();
  await page.goto('/pages/points');
  await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
  await expect(asked).toHaveCount(0);
});

test('a link that is wrong or has ended says so and offers another one', async ({ visitor }) => {
  const page = await visitor({ email: null });
  await page.goto('/pages/verify-email#not-a-token');
  await expect(page.getByRole('alert')).toContainText('This link is no longer valid.');
  await expect(page.getByRole('link', { name: 'My account' })).toBeVisible();

  await page.goto('/pages/reset-password#not-a-token');
  await page.getByLabel('New password').fill('another evening');
  await page.getByRole('button', { name: 'Set the password' }).click();

  await expect(page.getByRole('alert')).toContainText('This link is no longer valid.');
  await page.getByRole('link', { name: 'Forgot the password?' }).click();
  await expect(page.getByRole('heading', { name: 'Forgot the password?' })).toBeVisible();
});

test('who forgot the password sets a new one by e-mail, and signs in with it', async ({ service, visitor, mail }) => {
  const { email } = await service.newUser();
  await mail.next(email);
  const page = await visitor({ email: null });
  await page.goto('/pages/sign-in');
  await page.getByRole('link', { name: 'Forgot the password?' }).click();
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Send me the link' }).click();
  await expect(page.getByText('an e-mail with a link is on its way')).toBeVisible();

  await page.goto(await mail.link(email));
  await page.getByLabel('New password').fill('another evening');
  await page.getByRole('button', { name: 'Set the password' }).click();

  await expect(page.getByText('Your password is set. Sign in with it.')).toBeVisible();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('another evening');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.pathname === '/');
});

test('a user with an unconfirmed address is told why no seat is held, and holds seats once it is confirmed', async ({ service, visitor, mail }) => {
  const concert = await service.concert();
  const { email } = await service.newUser();
  const link = await mail.link(email);
  const page = await visitor({ email });
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await page.getByRole('button', { name: 'Take them' }).click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText('Confirm your e-mail address first.');

  const other = await page.context().newPage();
  await other.goto(link);
  await expect(other.getByText('Your e-mail address is confirmed.')).toBeVisible();
  await expect(page.getByRole('complementary', { name: 'Your e-mail address' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Take them' }).click();

  await expect(page.getByRole('main').getByText('held for you')).toBeVisible();
});

test('the tickets come by e-mail with their codes and files for the calendar', async ({ service, mail }) => {
  const concert = await service.concert();
  const email = anAddress();
  const body = { name: '김팬', email, password: 'stagedoor' };
  await service.call('POST', '/users', { body, headers: { 'accept-language': 'ko' } });
  const user = { email, token: await service.signIn(email) };
  const [, token] = (await mail.link(email)).split('#');
  await service.call('POST', '/email-verifications', { body: { token } });
  const queue = await service.call('POST', `/concerts/${concert.id}/queue-tokens`, { token: user.token });
  const held = await service.holdWith(queue.token, concert, [1, 2]);
  await service.call('POST', '/points/charges', { token: user.token, body: { amount: held.totalPrice } });

  await service.call('POST', '/payments', { token: queue.token, body: { reservationId: held.id } });

  const tickets = await mail.next(user.email);
  expect(tickets.headers.Subject).toBe(`예매가 완료되었습니다: ${concert.title}`);
  expect(tickets.headers.To).toBe(`김팬 <${email}>`);
  expect(tickets.defects).toEqual([]);
  const types = tickets.parts.map(({ type }) => type);
  expect(types).toEqual(['text/plain', 'text/html', 'image/png', 'image/png', 'text/calendar', 'text/calendar']);
  const { items } = await service.call('GET', '/tickets', { token: user.token });
  for (const { number } of items) {
    expect(tickets.parts[0].content).toContain(number);
    expect(tickets.parts[1].content).toContain(`cid:ticket-${number}`);
  }
});

base('a service without e-mail says that it sends none', async ({ visitor }) => {
  const page = await visitor({ email: null });
  await page.goto('/pages/forgot-password');
  await page.getByLabel('E-mail').fill('fan@example.com');

  await page.getByRole('button', { name: 'Send me the link' }).click();

  await expect(page.getByRole('alert')).toContainText('This service sends no e-mail.');
});
