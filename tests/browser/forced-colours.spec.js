// A device with colours of its own (forced colours): what can be seen stays visible, and states differ by shape or by system colours.

import { expect, test } from './stagedoor.js';

const FORCED = { forcedColors: 'active', viewport: { width: 1280, height: 900 } };
/** The least contrast of graphics with their ground (WCAG 1.4.11). */
const CONTRAST = 3;

const PLAN = {
  stage: { x: -2, y: -5, width: 10, height: 3, label: 'STAGE' },
  // Colours that hardly differ from white, and from black.
  zones: [{ code: 'R', name: 'Royal', colour: '#fdfdfd' }, { code: 'S', name: 'Standing', colour: '#030303' }],
  sections: [
    { name: 'Stalls', zone: 'R', x: 0, y: 0, rows: ['A', 'B', 'C', 'D'].map((label) => ({ label, seats: 6 })) },
    { name: 'Arena', zone: 'S', x: 0, y: 6, standing: { capacity: 300, width: 6, height: 2 } },
  ],
};

/** The contrast of two colours of 8 bits for each part. */
function contrast(one, other) {
  const [light, dark] = [one, other].map((rgb) => {
    const [r, g, b] = rgb.map((part) => (part <= 10 ? part / 3295 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }).sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** The pixels of a picture of a part of the page, as `[red, green, blue]` row by row. */
async function pixelsOf(page, options) {
  const picture = await page.screenshot({ ...options, scale: 'css' });
  const text = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    // Millions of numbers are sent as one text.
    const parts = Array.from({ length: Math.ceil(data.length / 8192) }, (_, index) => String.fromCharCode(...data.subarray(index * 8192, (index + 1) * 8192)));
    return btoa(parts.join(''));
  }, picture.toString('base64'));
  const data = Buffer.from(text, 'base64');
  return Array.from({ length: data.length / 4 }, (_, index) => [data[index * 4], data[index * 4 + 1], data[index * 4 + 2]]);
}

/** The pixels of what a locator finds. */
async function pixelsIn(locator) {
  await locator.scrollIntoViewIfNeeded();
  return pixelsOf(locator.page(), { clip: await locator.boundingBox() });
}

/** The colours of pixels, the most frequent ones first. */
function coloursOf(pixels) {
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel.join(), (counts.get(pixel.join()) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one).map(([colour]) => colour.split(',').map(Number));
}

/** The share of pixels that can be told from the ground, the most frequent colour. */
function shareSeen(pixels) {
  const [ground] = coloursOf(pixels);
  return pixels.filter((pixel) => contrast(pixel, ground) >= CONTRAST).length / pixels.length;
}

/** The shape of something: for each pixel whether it can be told from the ground. */
const shapeOf = (pixels, ground) => pixels.map((pixel) => contrast(pixel, ground) >= CONTRAST);

/** The share of pixels in which two shapes differ. */
const difference = (one, other) => one.filter((isSeen, index) => isSeen !== other[index]).length / one.length;

const style = (locator, name) => locator.evaluate((element, property) => getComputedStyle(element)[property], name);

const picture = (page, name) => page.screenshot({ path: `../../target/browser/screenshots/forced-${name}.png`, fullPage: true });

/** Focuses a seat of the map with the keyboard's cursor; answers the area of the seat. */
async function seatArea(page, row, seat) {
  const grid = page.getByRole('grid', { name: 'Seat map' });
  await grid.getByRole('row', { name: row, exact: true }).getByRole('rowheader').getByRole('button').dispatchEvent('click');
  await grid.getByRole('gridcell').getByRole('button', { name: new RegExp(`^${row}, ${seat},`) }).focus();
  const { x, y, width, height } = await page.locator('.cursor:focus').boundingBox();
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}

for (const colorScheme of ['light', 'dark']) {
  test(`with forced colours on a ${colorScheme} ground, seats that are free, chosen and taken differ by shape`, async ({ service, visitor }) => {
    const concert = await service.concert({ rows: 4, columns: 8 });
    await service.hold(concert, [3]);
    const page = await visitor({ ...FORCED, colorScheme });
    await page.goto(`/pages/concerts/${concert.id}/book`);
    await expect(page.getByRole('heading', { name: 'Choose your seats' })).toBeVisible();
    const areas = {};
    for (const [state, seat] of [['mine', 'seat 1'], ['free', 'seat 2'], ['taken', 'seat 3']]) areas[state] = await seatArea(page, 'Row 1', seat);
    await page.mouse.click(areas.mine.x + areas.mine.width / 2, areas.mine.y + areas.mine.height / 2);
    await expect(page.locator('.chosen li')).toHaveText(/Row 1, seat 1/);
    await page.getByRole('button', { name: 'Hold these seats' }).hover();
    await page.getByRole('heading', { name: 'Choose your seats' }).focus();
    await picture(page, `seats-${colorScheme}`);

    const [ground] = coloursOf(await pixelsIn(page.locator('.drawing canvas')));
    const shapes = {};
    for (const [state, area] of Object.entries(areas)) shapes[state] = shapeOf(await pixelsOf(page, { clip: { ...areas.free, x: area.x, y: area.y } }), ground);
    for (const [state, shape] of Object.entries(shapes)) expect(shape.filter(Boolean).length / shape.length, state).toBeGreaterThan(0.05);
    for (const [one, other] of [['mine', 'free'], ['mine', 'taken'], ['free', 'taken']]) expect(difference(shapes[one], shapes[other]), `${one}, ${other}`).toBeGreaterThan(0.05);
    const samples = page.locator('.legend .sample');
    for (const sample of await samples.all()) expect(coloursOf(await pixelsIn(sample)).some((colour) => contrast(colour, ground) >= CONTRAST)).toBe(true);
    expect(await style(page.locator('.seat-map'), 'borderTopColor')).not.toBe(await style(page.locator('.seat-map'), 'backgroundColor'));
  });

  test(`with forced colours on a ${colorScheme} ground, places of every colour are seen in the editor, and the selection too`, async ({ service, visitor }) => {
    const hall = await service.hallWith(PLAN);
    const page = await visitor({ ...FORCED, colorScheme, email: 'organizer@example.com' });
    await page.goto(`/pages/halls/${hall.id}/plan`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    const canvas = page.locator('.plan-canvas');
    await canvas.focus();
    const pixels = await pixelsIn(canvas);
    expect(shareSeen(pixels)).toBeGreaterThan(0.03);
    const [ground] = coloursOf(pixels);
    await page.keyboard.press('PageDown');
    await page.keyboard.press('Enter');
    await picture(page, `editor-${colorScheme}`);

    const selected = await pixelsIn(canvas);
    expect(difference(shapeOf(pixels, ground), shapeOf(selected, ground))).toBeGreaterThan(0);
    const pressed = page.getByRole('button', { name: 'Move sections', pressed: true });
    const other = page.getByRole('button', { name: 'Mark seats', pressed: false });
    expect(await style(pressed, 'backgroundColor')).not.toBe(await style(other, 'backgroundColor'));
    await page.keyboard.press('Escape');
    const background = (isSelected) => style(page.getByRole('treeitem', { selected: isSelected }).first(), 'backgroundColor');
    expect(await background(true)).not.toBe(await background(false));
    expect(await style(canvas, 'borderTopColor')).not.toBe(await style(canvas, 'backgroundColor'));
  });

  test(`with forced colours on a ${colorScheme} ground, charts, states and progress are seen`, async ({ service, visitor }) => {
    const concert = await service.concert();
    await service.buy(concert, [1, 2]);
    const page = await visitor({ ...FORCED, colorScheme, email: 'operator@example.com' });
    await page.goto(`/pages/concerts/${concert.id}/sales`);
    const chart = page.locator('.chart').first();
    await expect(chart.locator('canvas')).toBeVisible();
    await picture(page, `sales-${colorScheme}`);
    const [ground] = coloursOf(await pixelsIn(chart));
    const figure = coloursOf(await pixelsIn(chart)).slice(1).filter((colour) => contrast(colour, ground) >= CONTRAST);
    expect(figure.length).toBeGreaterThan(1);

    await page.goto(`/pages/rooms/${concert.room.id}`);
    await expect(page.locator('.chart canvas').first()).toBeVisible();
    await picture(page, `room-${colorScheme}`);
    expect(shareSeen(await pixelsIn(page.locator('.chart').first()))).toBeGreaterThan(0);
    const tag = page.locator('main .tag').first();
    expect(await style(tag, 'borderTopStyle')).toBe('solid');

    await service.cancelDate(concert);
    await page.goto(`/pages/concerts/${concert.id}/sales`);
    await page.getByRole('button', { name: /^Manage the date/ }).click();
    const progress = page.getByRole('progressbar', { name: 'Refunds' });
    await expect(progress).toHaveAttribute('value', '1');
    await picture(page, `refunds-${colorScheme}`);
    // Filled to the end: the bar is another colour than the page.
    const [bar] = coloursOf(await pixelsIn(progress));
    expect(contrast(bar, ground)).toBeGreaterThanOrEqual(CONTRAST);
  });
}

test('with forced colours, buttons, the place of the keyboard and icons are seen', async ({ service, visitor }) => {
  const concert = await service.concert();
  const page = await visitor({ ...FORCED, email: 'organizer@example.com' });
  await page.goto(`/pages/organize/concerts/${concert.id}`);
  const save = page.getByRole('button', { name: 'Save' });
  await expect(save).toBeVisible();
  await picture(page, 'concert');
  expect(await style(save, 'backgroundColor')).not.toBe(await style(page.getByRole('button', { name: 'Copy as a draft' }), 'backgroundColor'));
  await page.getByLabel('Subtitle').focus();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  const focused = page.locator(':focus');
  expect([await style(focused, 'outlineStyle'), await style(focused, 'outlineWidth')]).toEqual(['solid', '3px']);
  expect(await style(focused, 'outlineColor')).not.toBe(await style(page.locator('body'), 'backgroundColor'));
  const icons = await page.locator('svg.icon').evaluateAll((all) => all.map((icon) => [getComputedStyle(icon).stroke, getComputedStyle(icon).color]));
  for (const [stroke, colour] of icons) expect(stroke).toBe(colour);

  const fan = await visitor(FORCED);
  await fan.goto('/');
  await expect(fan.getByRole('heading', { level: 1 })).toBeVisible();
  await picture(fan, 'concerts');
  expect(await style(fan.locator('nav [aria-current]'), 'backgroundColor')).not.toBe(await style(fan.locator('nav a:not([aria-current])').first(), 'backgroundColor'));
});
