import { expect, test } from './stagedoor.js';

const ORGANIZER = { email: 'organizer@example.com', viewport: { width: 1440, height: 900 } };

/** A plan of a section with 4 × 6 seats, 0 to 5 units from the left and 0 to 3 from above, and a standing area. */
const plan = () => ({
  stage: { x: -2, y: -5, width: 10, height: 3, label: 'STAGE' },
  zones: [{ code: 'R', name: 'Royal', colour: '#7b3fa0' }, { code: 'S', name: 'Standing', colour: '#0f766e' }],
  sections: [
    { name: 'Stalls', zone: 'R', x: 0, y: 0, rows: ['A', 'B', 'C', 'D'].map((label) => ({ label, seats: 6 })) },
    { name: 'Arena', zone: 'S', x: 0, y: 6, standing: { capacity: 300, width: 6, height: 2 } },
  ],
});

async function open(service, visitor, options = {}) {
  const hall = await service.hallWith(plan());
  const page = await visitor({ ...ORGANIZER, ...options });
  await page.goto(`/pages/halls/${hall.id}/plan`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  return { hall, page };
}

/** The position of a point of the plan on the page: the whole plan is visible, in the middle of the drawing, with 2 units around it. */
async function pointOf(page, x, y) {
  const { x: left, y: top, width, height } = await page.locator('.plan-canvas').boundingBox();
  const [w, h, middle] = [10, 13, { x: 3, y: 1.5 }];
  const scale = Math.min((width - 2) / (w + 4), (height - 2) / (h + 4), 60);
  return { x: left + width / 2 + (x - middle.x) * scale, y: top + height / 2 + (y - middle.y) * scale };
}

async function drag(page, from, to) {
  const [one, other] = [await pointOf(page, ...from), await pointOf(page, ...to)];
  await page.mouse.move(one.x, one.y);
  await page.mouse.down();
  await page.mouse.move((one.x + other.x) / 2, (one.y + other.y) / 2, { steps: 4 });
  await page.mouse.move(other.x, other.y, { steps: 4 });
  await page.mouse.up();
}

async function click(page, x, y) {
  const point = await pointOf(page, x, y);
  await page.mouse.click(point.x, point.y);
}

/** Saves, and answers the newest plan. */
async function saved(service, page, hall, version) {
  await page.getByRole('button', { name: 'Save as a new version' }).click();
  await expect(page.locator('.save').getByText(`Saved as version ${version}.`)).toBeVisible();
  return service.call('GET', `/halls/${hall.id}/plans/${version}`);
}

test('a plan is shaped with the mouse: moved, turned, marked, undone, and saved as a new version', async ({ service, visitor }) => {
  const { hall, page } = await open(service, visitor);
  const properties = page.getByRole('region', { name: 'Properties' });
  await drag(page, [2.5, 7], [4.5, 8]);
  await expect(properties.getByRole('heading', { name: 'Arena' })).toBeVisible();
  await expect(page.getByLabel('Left edge (x)')).toHaveValue('2');
  await expect(page.getByLabel('Upper edge (y)')).toHaveValue('7');
  await page.getByRole('button', { name: 'Turn right by 5°' }).click();
  await expect(page.getByLabel('Angle, degrees clockwise')).toHaveValue('5');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByLabel('Angle, degrees clockwise')).toHaveValue('0');

  await page.getByRole('button', { name: 'Mark seats' }).click();
  await page.getByLabel('What a click or a drag makes of seats').selectOption('ACCESSIBLE');
  await click(page, 0, 3);
  await page.getByLabel('What a click or a drag makes of seats').selectOption('ABSENT');
  await drag(page, [2, 0], [3, 1]);
  await page.getByLabel('What a click or a drag makes of seats').selectOption('');
  await click(page, 5, 2);
  await page.getByLabel('Price zone').selectOption('S');
  const places = page.locator('.counts');
  await expect(places).toContainText('320 of at most 50,000 places');
  await expect(places.getByRole('listitem').filter({ hasText: 'Accessible' })).toContainText('1');
  await expect(places.getByRole('listitem').filter({ hasText: 'Standing' }).last()).toContainText('301');

  const { sections } = await saved(service, page, hall, 2);
  expect(sections[1]).toMatchObject({ name: 'Arena', x: 2, y: 7 });
  expect(sections[0].rows.map(({ exceptions }) => exceptions)).toEqual([
    [{ seat: 3, kind: 'ABSENT' }, { seat: 4, kind: 'ABSENT' }], [{ seat: 3, kind: 'ABSENT' }, { seat: 4, kind: 'ABSENT' }],
    [{ seat: 6, kind: 'SEAT', zone: 'S' }], [{ seat: 1, kind: 'ACCESSIBLE' }],
  ]);
  expect(await service.call('GET', `/halls/${hall.id}/plans/1`)).toEqual(plan());
});

test('a plan is shaped with the keyboard alone, in the drawing', async ({ service, visitor }) => {
  const { hall, page } = await open(service, visitor);
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  await page.getByRole('application', { name: 'Drawing of the seat plan' }).focus();
  await press('PageDown');
  await expect(page.locator('#status')).toHaveText('Stalls');
  await press('ArrowRight', 'ArrowRight', 'ArrowUp', 'Shift+ArrowRight', ']', 'ControlOrMeta+z', 'Enter');
  await expect(page.locator('#status')).toHaveText('Stalls, row A, seat 1: Ordinary');
  await press('ArrowDown', 'ArrowRight', 'a', 'ArrowRight', 'c', 'ArrowRight', 'Shift+ArrowDown', 'x');
  await press('Escape', 'ControlOrMeta+d');
  await expect(page.getByRole('region', { name: 'Properties' }).getByRole('heading', { name: 'Stalls 2' })).toBeVisible();
  await press('Delete', 'PageDown', 'Enter', 'ArrowRight', 'i');

  const { sections } = await saved(service, page, hall, 2);
  expect(sections).toHaveLength(2);
  expect(sections[0]).toMatchObject({ x: 2.1, y: -1 });
  expect(sections[0].angle).toBeUndefined();
  expect(sections[0].rows[1].exceptions).toEqual([{ seat: 2, kind: 'ACCESSIBLE' }, { seat: 3, kind: 'COMPANION' }, { seat: 4, kind: 'ABSENT' }]);
  expect(sections[0].rows[2].exceptions).toEqual([{ seat: 4, kind: 'ABSENT' }]);
  expect(sections[0].rows.map(({ aisles }) => aisles)).toEqual([[2], [2], [2], [2]]);
});

test('a screen reader finds sections, rows and seats in a tree with the same commands', async ({ service, visitor }) => {
  const { hall, page } = await open(service, visitor);
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  const item = (name) => page.getByRole('treeitem', { name });
  await item(/^The whole plan/).focus();
  await press('ArrowDown', 'ArrowDown');
  await expect(item(/^Stalls/)).toBeFocused();
  await press('Alt+ArrowDown', 'ArrowRight', 'ArrowRight');
  await expect(item(/^Row A/)).toBeFocused();
  await expect(item(/^Row A/)).toHaveAttribute('aria-level', '3');
  await press('ArrowRight', 'ArrowRight', 'ArrowDown', 'Shift+ArrowDown', 'r');
  await expect(page.locator('#status')).toHaveText('Restricted view: Stalls, row A, positions 2 to 3');
  await expect(item(/^3 ?Restricted view/)).toBeFocused();
  await press('ArrowLeft', 'ArrowDown', 'Delete');
  await expect(item(/^Stalls/)).toHaveAttribute('aria-expanded', 'true');
  await press('ControlOrMeta+z', 'Home', 'End');
  await expect(item(/^Arena/)).toBeFocused();
  await press('Enter');
  await expect(page.getByRole('button', { name: 'Back to the whole plan' })).toBeFocused();

  const { sections } = await saved(service, page, hall, 2);
  expect(sections[0].y).toBe(1);
  expect(sections[0].rows.map(({ label }) => label)).toEqual(['A', 'B', 'C', 'D']);
  expect(sections[0].rows[0].exceptions).toEqual([{ seat: 2, kind: 'RESTRICTED_VIEW' }, { seat: 3, kind: 'RESTRICTED_VIEW' }]);
});

test('rows are made in bulk, in a new section with its own zone and for all rows at once', async ({ service, visitor }) => {
  const { hall, page } = await open(service, visitor);
  const form = page.locator('#new-section');
  await page.getByRole('button', { name: 'Add a zone' }).click();
  await page.getByRole('group', { name: 'Zone New zone' }).getByLabel('Name').fill('Balcony');
  await form.locator('summary').click();
  await form.getByLabel('Name').fill('Circle');
  await form.getByLabel('Price zone').selectOption('3');
  await form.getByLabel('Rows').fill('28');
  await form.getByLabel('Seats in a row').fill('10');
  await form.getByLabel('More seats with each row').fill('2');
  await form.getByLabel('Numbers begin').selectOption('rtl');
  await form.getByLabel('Curve').fill('-1.5');
  await form.getByLabel('Aisles after positions').fill('3, 7');
  await form.getByRole('button', { name: 'Add a section' }).click();
  await page.getByRole('button', { name: 'Select all rows' }).click();
  await page.getByLabel('First number').fill('101');
  await page.getByLabel('Labels from').fill('가');
  await page.getByRole('button', { name: 'Label the rows anew' }).click();
  await page.getByLabel('Distance of seats').fill('0.9');

  const { zones, sections } = await saved(service, page, hall, 2);
  expect(zones[2]).toMatchObject({ code: '3', name: 'Balcony' });
  const { rows, ...circle } = sections[2];
  expect(circle).toMatchObject({ name: 'Circle', zone: '3' });
  expect(rows).toHaveLength(28);
  expect(rows.slice(0, 2)).toEqual([
    { label: '가', seats: 10, firstNumber: 101, direction: 'rtl', offset: 27, curve: -1.5, spacing: 0.9, aisles: [3, 7] },
    { label: '나', seats: 12, firstNumber: 101, direction: 'rtl', offset: 26, curve: -1.5, spacing: 0.9, aisles: [3, 7] },
  ]);
});

test('what breaks a rule is named at its place at once, and a refusal of the API too', async ({ service, visitor }) => {
  const { page } = await open(service, visitor);
  const save = page.getByRole('button', { name: 'Save as a new version' });
  const checks = page.locator('.problems');
  await click(page, 2.5, 7);
  await page.getByLabel('Name', { exact: true }).fill('Stalls');
  await expect(checks).toContainText('sections[1].name must not name an item twice');
  await expect(save).toBeDisabled();
  await page.getByLabel('Capacity, people').fill('50001');
  await expect(page.getByLabel('Capacity, people')).toHaveAccessibleDescription('must be a whole number from 1 to 50,000');
  await page.getByLabel('Capacity, people').fill('49990');
  await expect(checks).toContainText('sections must have 1 to 50,000 seats');
  await page.getByLabel('Capacity, people').fill('100');
  await page.getByRole('treeitem', { name: /^The whole plan/ }).click();
  await checks.getByRole('button', { name: /sections\[1\]\.name/ }).click();
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  await page.keyboard.type('2');
  await expect(checks).toContainText('The plan fits all rules.');

  await page.route('**/plan', (route) => route.fulfill({
    status: 400, contentType: 'application/problem+json',
    body: JSON.stringify({ code: 'VALIDATION', detail: 'No.', errors: [{ field: 'sections[1].name', rule: 'must please the API' }] }),
  }), { times: 1 });
  await save.click();

  await expect(checks).toContainText('sections[1].name must please the API');
  await expect(page.getByLabel('Name', { exact: true })).toHaveAccessibleDescription('must please the API');
});

test('a draft survives a reload, a change of language and the end of the session, and can be discarded', async ({ service, visitor }) => {
  const { hall, page } = await open(service, visitor);
  await click(page, 2.5, 7);
  await page.getByLabel('Name', { exact: true }).fill('Dance floor');
  await page.reload();
  await expect(page.getByText(/Changes from .*, based on version 1, were kept/)).toBeVisible();
  await expect(page.getByRole('treeitem', { name: /^Dance floor/ })).toBeVisible();
  await page.getByRole('button', { name: '한국어' }).click();
  await expect(page.getByRole('treeitem', { name: /^Dance floor/ })).toBeVisible();
  await page.getByRole('button', { name: 'English' }).click();
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Save as a new version' }).click();
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail').fill(ORGANIZER.email);
  await page.getByLabel('Password').fill('stagedoor');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('treeitem', { name: /^Dance floor/ })).toBeVisible();

  const { sections } = await saved(service, page, hall, 2);
  expect(sections[1].name).toBe('Dance floor');
  await page.getByRole('treeitem', { name: /^Stage/ }).click();
  await page.getByLabel('Label').fill('PODIUM');
  await page.reload();
  await page.getByRole('button', { name: 'Discard them' }).click();
  await page.reload();
  await expect(page.getByRole('treeitem', { name: /^Stage/ })).toContainText('STAGE');
  await expect(page.getByText('Version 2')).toBeVisible();
});

test('another user\'s newer version is not replaced without a question', async ({ service, visitor }) => {
  const { hall, page } = await open(service, visitor);
  await click(page, 2.5, 7);
  await page.getByLabel('Capacity, people').fill('200');
  await service.changePlan(hall, { ...plan(), sections: plan().sections.slice(0, 1) });
  page.once('dialog', (dialog) => {
    expect(dialog.message()).toContain('Another user saved version 2 meanwhile.');
    dialog.dismiss();
  });
  await page.getByRole('button', { name: 'Save as a new version' }).click();
  await expect(page.getByText('Not saved; kept in this browser')).toBeVisible();
  page.once('dialog', (dialog) => dialog.accept());

  const { sections } = await saved(service, page, hall, 3);
  expect(sections[1].standing.capacity).toBe(200);
});

test('50,000 seats stay workable', async ({ service, visitor }) => {
  const sections = Array.from({ length: 100 }, (_, index) => ({
    name: `Block ${index + 1}`, zone: 'R', x: (index % 10) * 30, y: Math.floor(index / 10) * 25, rows: Array.from({ length: 20 }, (__, row) => ({ label: String(row + 1), seats: 25 })),
  }));
  const hall = await service.hallWith({ ...plan(), sections });
  const page = await visitor(ORGANIZER);
  await page.goto(`/pages/halls/${hall.id}/plan`);
  await expect(page.locator('.counts')).toContainText('50,000 of at most 50,000 places');
  await page.getByRole('application').focus();
  await page.keyboard.press('PageDown');

  const time = async (act) => page.evaluate(async (key) => {
    const canvas = document.querySelector('.plan-canvas');
    const times = [];
    for (let count = 0; count < 15; count += 1) {
      const start = performance.now();
      canvas.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      await new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); });
      times.push(performance.now() - start);
    }
    return times.sort((one, other) => one - other)[7];
  }, act);
  const moved = await time('ArrowRight');
  const zoomed = await time('+');
  console.log(`50,000 seats: ${moved.toFixed(0)} ms for a move, ${zoomed.toFixed(0)} ms for a zoom`);

  const elements = await page.evaluate(() => document.querySelectorAll('main *').length);
  expect(elements).toBeLessThan(1_500);
});

test('a section is copied to the other side of the stage as in a mirror', async ({ service, visitor }) => {
  const row = { label: 'A', seats: 6, offset: 1, aisles: [2], exceptions: [{ seat: 1, kind: 'ACCESSIBLE' }] };
  const hall = await service.hallWith({ ...plan(), sections: [{ name: 'Left', zone: 'R', x: -8, y: 1, angle: 20, rows: [row, { label: 'B', seats: 8, direction: 'rtl' }] }] });
  const page = await visitor(ORGANIZER);
  await page.goto(`/pages/halls/${hall.id}/plan`);
  await page.getByRole('treeitem', { name: /^Left/ }).click();
  await page.getByRole('button', { name: 'Mirrored copy' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Right');

  const { sections: [left, right] } = await saved(service, page, hall, 2);
  expect(left.rows[0]).toEqual(row);
  // The right end of the left section is 7 units along it from its corner; the middle of the stage is at 3.
  const end = { x: -8 + 7 * Math.cos(Math.PI / 9), y: 1 + 7 * Math.sin(Math.PI / 9) };
  expect(right).toMatchObject({ name: 'Right', angle: -20, rows: [{ label: 'A', seats: 6, direction: 'rtl', aisles: [4], exceptions: [{ seat: 6, kind: 'ACCESSIBLE' }] }, { label: 'B', seats: 8 }] });
  expect(right.rows[0].offset).toBeUndefined();
  expect(right.rows[1].direction).toBeUndefined();
  expect(right.x).toBeCloseTo(6 - end.x, 2);
  expect(right.y).toBeCloseTo(end.y, 2);
});

test('another user can look at a plan, and is told who saves it', async ({ service, visitor }) => {
  const { page } = await open(service, visitor, { email: (await service.newUser()).email });
  await expect(page.getByText('Only the organizer who entered the venue and operators save a plan of this hall.')).toBeVisible();
  await click(page, 2.5, 7);
  await page.getByLabel('Capacity, people').fill('200');
  await page.getByRole('button', { name: 'Save as a new version' }).click();

  await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
  await expect(page.getByText('Not saved; kept in this browser')).toBeVisible();
});
