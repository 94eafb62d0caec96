// One's account: name, password, sessions, and a copy of all data.

import { readFile } from 'node:fs/promises';
import { expect, test } from './stagedoor.js';

test('a user changes the name, and the page says so', async ({ service, visitor }) => {
  const { email, token } = await service.newUser();
  const page = await visitor({ email });
  await page.getByRole('link', { name: 'Account' }).click();

  await page.getByLabel('Name', { exact: true }).fill('Kim Minsu');
  await page.getByRole('button', { name: 'Save the name' }).click();

  await expect(page.getByRole('main').getByText('The name is saved.')).toBeVisible();
  expect((await service.call('GET', '/users/me', { token })).name).toBe('Kim Minsu');
});

test('a wrong current password is refused by name, the right one changes it and this session goes on', async ({ service, visitor }) => {
  const { email } = await service.newUser();
  const page = await visitor({ email });
  await page.goto('/pages/account');
  await page.getByLabel('Current password').fill('not the password');
  await page.getByLabel('New password').fill('a longer evening');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expect(page.getByRole('main').getByText('The current password is wrong.')).toBeVisible();

  await page.getByLabel('Current password').fill('stagedoor');
  await page.getByRole('button', { name: 'Change the password' }).click();

  await expect(page.getByRole('main').getByText('The password is changed.')).toBeVisible();
  await expect(page.getByLabel('New password')).toHaveValue('');
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
});

test('a password that is too common is refused in words of the page, in Korean too', async ({ visitor }) => {
  const page = await visitor({ locale: 'ko-KR' });
  await page.goto('/pages/account');
  await page.getByLabel('현재 비밀번호').fill('stagedoor');
  await page.getByLabel('새 비밀번호').fill('password1');

  await page.getByRole('button', { name: '비밀번호 변경' }).click();

  const refusal = page.getByRole('main').getByRole('alert');
  await expect(refusal).toContainText('새 비밀번호:');
  await expect(refusal).not.toContainText('newPassword');
});

test('signing out everywhere ends the session of another browser', async ({ service, visitor }) => {
  const { email } = await service.newUser();
  const [page, other] = [await visitor({ email }), await visitor({ email })];
  await page.goto('/pages/account');
  page.on('dialog', (dialog) => dialog.accept());

  await page.getByRole('button', { name: 'Sign out everywhere' }).click();

  await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible();
  await other.goto('/pages/tickets');
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('a user takes a copy of all data along', async ({ service, visitor }) => {
  const { email } = await service.newUser();
  const page = await visitor({ email });
  await page.goto('/pages/account');

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();

  const data = JSON.parse(await readFile(await (await download).path(), 'utf8'));
  expect(data.user.email).toBe(email);
});

test('a user deletes the account with the password, and the address is free again', async ({ service, visitor }) => {
  const { email } = await service.newUser();
  const page = await visitor({ email });
  await page.goto('/pages/account');
  page.on('dialog', (dialog) => dialog.accept());
  await page.getByLabel('Password, to confirm').fill('not the password');
  await page.getByRole('button', { name: 'Delete my account' }).click();
  await expect(page.getByRole('main').getByRole('alert')).toBeVisible();

  await page.getByLabel('Password, to confirm').fill('stagedoor');
  await page.getByRole('button', { name: 'Delete my account' }).click();

  await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible();
  await service.call('POST', '/users', { body: { name: 'Another Fan', email, password: 'stagedoor' } });
});
