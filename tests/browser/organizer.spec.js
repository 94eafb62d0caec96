// Concerts of organizers: draft, edit, show a poster, publish, copy and cancel.

import { picture } from './picture.js';
import { expect, test } from './stagedoor.js';

const file = (buffer, name = 'poster.png', mimeType = 'image/png') => ({ name, mimeType, buffer });

const organizerOf = (visitor) => visitor({ email: 'organizer@example.com' });

async function edit(page, concert) {
  await page.goto(`/pages/organize/concerts/${concert.id}`);
  await expect(page.getByRole('heading', { level: 1, name: `Edit: ${concert.title}` })).toBeVisible();
}

const preview = (page) => page.getByRole('region', { name: 'Preview' });

test('an organizer drafts a concert, sees it as fans will, and publishes it once it has a date', async ({ service, visitor }) => {
  const page = await organizerOf(visitor);
  page.on('dialog', (dialog) => dialog.accept());
  await page.getByRole('link', { name: 'My concerts' }).click();
  await page.getByLabel('Title of a new draft').fill('Winter night');
  await page.getByRole('button', { name: 'Make a draft' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Edit: Winter night' })).toBeVisible();
  const id = page.url().split('/').at(-1);

  await page.getByLabel('Subtitle').fill('Songs for a long night');
  await page.getByLabel('Description').fill('Part one\n\nPart two');
  await page.getByLabel('Tags').fill('jazz, piano');
  await page.getByLabel('Running time in minutes').fill('90');
  await expect(preview(page).getByText('Songs for a long night').first()).toBeVisible();
  await expect(preview(page).getByText('piano')).toBeVisible();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('main').getByText('Saved', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await service.addFirstDate(id);
  await page.getByRole('button', { name: 'Publish' }).click();

  await expect(page.getByRole('main').getByText('Published: the concert is on sale')).toBeVisible();
  const fan = await visitor();
  await fan.goto(`/pages/concerts/${id}`);
  await expect(fan.getByRole('heading', { name: 'Winter night' })).toBeVisible();
  await expect(fan.getByRole('main').getByText('Part two')).toBeVisible();
  await expect(fan.getByRole('link', { name: 'Join the queue' })).toBeVisible();
});

test('a poster is uploaded, shown to fans, replaced and removed, and a wrong file is refused with its reason', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await organizerOf(visitor);
  await edit(page, concert);
  const choose = page.getByLabel(/^Choose (a|another) picture/);

  await choose.setInputFiles(file(Buffer.from('not a picture'), 'notes.txt', 'text/plain'));
  await expect(page.getByRole('alert')).toContainText('no PNG, JPEG or WebP');
  await choose.setInputFiles(file(Buffer.from('not a picture')));
  await expect(page.getByRole('alert')).toContainText('The picture');
  await choose.setInputFiles(file(picture(200, 200)));
  await expect(page.getByRole('alert')).toContainText('Width of the picture');
  await choose.setInputFiles(file(picture(900, 1200)));
  await expect(page.getByRole('main').getByText('The poster is shown now')).toBeVisible();

  const fan = await visitor();
  await fan.goto(`/pages/concerts/${concert.id}`);
  const shown = fan.locator('img.poster');
  await expect.poll(() => shown.evaluate((image) => image.complete && image.naturalWidth)).toBeGreaterThan(300);
  await page.getByRole('button', { name: 'Remove the poster' }).click();
  await expect(page.getByRole('main').getByText('The poster is removed')).toBeVisible();
  await fan.reload();
  await expect(fan.locator('.poster.made')).toBeVisible();
});

test('two edits of one field are shown beside each other, and the organizer chooses', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await organizerOf(visitor);
  const other = await organizerOf(visitor);
  await edit(page, concert);
  await edit(other, concert);
  await other.getByLabel('Subtitle').fill('Theirs');
  await other.getByRole('button', { name: 'Save' }).click();
  await expect(other.getByRole('main').getByText('Saved', { exact: true })).toBeVisible();

  await page.getByLabel('Subtitle').fill('Mine');
  await page.getByLabel('Description').fill('Only here');
  await page.getByRole('button', { name: 'Save' }).click();

  await expect(page.getByRole('main').getByText('Nothing was saved')).toBeVisible();
  const both = page.locator('.both');
  await expect(both).toContainText('Theirs');
  await expect(both).toContainText('Mine');
  await page.getByRole('button', { name: 'Keep what I typed' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('main').getByText('Saved', { exact: true })).toBeVisible();
  await other.reload();
  await expect(other.getByLabel('Subtitle')).toHaveValue('Mine');
  await expect(other.getByLabel('Description')).toHaveValue('Only here');
});

test('what is typed survives a change of language, and leaving asks', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await organizerOf(visitor);
  await edit(page, concert);
  await page.getByLabel('Subtitle').fill('Typed');

  await page.getByRole('button', { name: '한국어' }).click();

  await expect(page.getByLabel('부제')).toHaveValue('Typed');
  await expect(page.getByRole('main').getByText('저장하지 않은 변경 사항이 있습니다.')).toBeVisible();
  page.once('dialog', (dialog) => dialog.dismiss());
  await page.getByRole('link', { name: '내 공연' }).click();
  await expect(page.getByLabel('부제')).toHaveValue('Typed');
});

test('a concert is cancelled with a reason, its tickets are refunded in sight, and it is copied as a draft', async ({ service, visitor }) => {
  const concert = await service.concert();
  const { email, reservation } = await service.buy(concert, [1, 2]);
  const page = await organizerOf(visitor);
  page.on('dialog', (dialog) => dialog.accept());
  await edit(page, concert);
  await page.getByText('Cancel the concert').first().click();
  await page.getByLabel('Reason').fill('The singer is ill.');
  await page.getByRole('button', { name: 'Cancel the concert' }).click();

  await expect(page.getByRole('main').getByText('The concert is cancelled')).toBeVisible();
  await expect(page.getByRole('main').getByText('All refunds are complete. Orders refunded: 1.')).toBeVisible();
  const fan = await visitor({ email });
  await fan.goto(`/pages/reservations/${reservation.id}`);
  await expect(fan.getByRole('main').getByText('The singer is ill.')).toBeVisible();
  await page.getByRole('button', { name: 'Copy as a draft' }).click();
  await expect(page.getByRole('main').getByText('Only you and operators see this draft.')).toBeVisible();
  await page.getByRole('button', { name: 'Delete the draft' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'My concerts' })).toBeVisible();
});
