// Every page in both themes, both languages, on a phone and on a desk: looked at by axe-core, by eye (the screenshots),
// and measured for its width, also at 200 %.

import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { expect, openMenu, test } from './stagedoor.js';

const require = createRequire(import.meta.url);
const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Each page is seen in both languages and both widths, and each time in both themes. */
const LOOKS = [
  { name: 'desk-en', locale: 'en-GB', viewport: { width: 1440, height: 900 } },
  { name: 'desk-ko', locale: 'ko-KR', viewport: { width: 1440, height: 900 } },
  { name: 'phone-en', locale: 'en-GB', viewport: { width: 390, height: 844 } },
  { name: 'phone-ko', locale: 'ko-KR', viewport: { width: 390, height: 844 } },
];
const row = (label, seats, more) => ({ label, seats, curve: -1, ...more });
/** A plan with all kinds of places. */
const HALL = {
  stage: { x: -6, y: -6, width: 12, height: 3, label: 'STAGE' },
  zones: [{ code: 'R', name: 'Royal', colour: '#7b3fa0' }, { code: 'S', name: 'Side', colour: '#c2410c' }, { code: 'A', name: 'Arena', colour: '#0f766e' }],
  sections: [
    {
      name: 'Stalls', zone: 'R', x: -8.5, y: 6,
      rows: ['A', 'B', 'C', 'D', 'E', 'F'].map((label, index) => row(label, 16, { aisles: [8], exceptions: index === 5 ? [{ seat: 1, kind: 'ACCESSIBLE' }, { seat: 2, kind: 'COMPANION' }, { seat: 8, kind: 'ABSENT' }] : undefined })),
    },
    { name: 'Left', zone: 'S', x: -18, y: 2, angle: 20, rows: ['A', 'B', 'C', 'D'].map((label) => row(label, 6, { exceptions: [{ seat: 1, kind: 'RESTRICTED_VIEW' }] })) },
    { name: 'Right', zone: 'S', x: 12, y: 4, angle: -20, rows: ['A', 'B', 'C', 'D'].map((label) => row(label, 6, { direction: 'rtl' })) },
    { name: 'Arena', zone: 'A', x: -7, y: -1, standing: { capacity: 300, width: 14, height: 5 } },
  ],
};
/** The narrowest window that pages are made for, in CSS pixels. */
const NARROWEST = 320;
const EVERY_RULE = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
/** The rules that a theme decides. */
const COLOURS = { type: 'rule', values: ['color-contrast'] };

async function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

async function violations(page, runOnly) {
  const found = await page.evaluate((rules) => globalThis.axe.run({ runOnly: rules }), runOnly);
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('\n')}`);
}

/** Looks at a page once it shows a heading. */
async function look(page, name, heading) {
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
  await page.evaluate(axe);
  for (const [colorScheme, rules] of [['light', EVERY_RULE], ['dark', COLOURS]]) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: `../../target/browser/screenshots/${name}-${colorScheme}.png`, fullPage: true });
    expect(await violations(page, rules), `${name}, ${colorScheme}`).toEqual([]);
  }
  await fit(page, name);
}

/** Checks that a page fits its window: as it is, at twice its size, and on the narrowest phone. */
async function fit(page, name) {
  const { width, height } = page.viewportSize();
  expect(await overflow(page), `${name} is wider than its window`).toBeLessThanOrEqual(0);
  if (width > 400) {
    // 200 % zoom (WCAG 2.2, 1.4.4): half as many CSS pixels.
    await page.setViewportSize({ width: width / 2, height: height / 2 });
    expect(await overflow(page), `${name} is wider than its window at 200 %`).toBeLessThanOrEqual(0);
  } else {
    await page.setViewportSize({ width: NARROWEST, height });
    expect(await overflow(page), `${name} is wider than ${NARROWEST} px`).toBeLessThanOrEqual(0);
    const header = await page.getByRole('banner').boundingBox();
    expect(header.height, `${name} has a header of one line`).toBeLessThan(72);
  }
  await page.setViewportSize({ width, height });
}

for (const { name, ...options } of LOOKS) {
  const korean = options.locale === 'ko-KR';
  const say = (english, other) => (korean ? other : english);

  test(`the pages of a fan, ${name}`, async ({ service, visitor }) => {
    const sections = [
      { label: 'VIP', rows: 2, columns: 8, price: 150_000 }, { label: 'R', rows: 3, columns: 10, price: 90_000 },
    ];
    const concert = await service.concert({ sections });
    await service.hold(concert, [1, 2, 20]);
    const closed = await service.concert({ policy: { capacity: 0 } });
    await service.join(closed);
    const page = await visitor(options);

    await page.goto('/');
    await look(page, `concerts-${name}`, say('Concerts', '공연'));
    await page.goto(`/pages/concerts/${concert.id}`);
    await look(page, `concert-${name}`, concert.title);
    await page.goto(`/pages/concerts/${closed.id}/book`);
    await look(page, `line-${name}`, say('You are in the queue', '대기 중입니다'));
    page.once('dialog', (dialog) => dialog.accept());
    await page.getByRole('button', { name: say('Leave the queue', '줄에서 나가기') }).click();
    await look(page, `over-${name}`, say('You have left the queue', '줄에서 나왔습니다'));
    await page.goto(`/pages/concerts/${concert.id}/book`);
    await page.getByRole('main').getByText(say('43 seats free', '43석 선택 가능')).waitFor();
    await look(page, `seats-${name}`, say('Choose your seats', '좌석 선택'));
    await page.getByRole('button', { name: say('Take them', '선택'), exact: true }).click();
    await look(page, `checkout-${name}`, say('Pay', '결제'));
    await page.getByRole('button', { name: say(/Charge/, /충전/) }).click();
    await page.getByRole('button', { name: say(/^Pay/, /결제$/) }).click();
    await look(page, `paid-${name}`, say('Your tickets', '예매한 티켓'));
    await page.goto('/pages/tickets');
    await look(page, `tickets-${name}`, say('My tickets', '내 티켓'));
    await page.goto('/pages/points');
    await look(page, `points-${name}`, say('My points', '내 포인트'));
    await page.goto('/pages/account');
    await look(page, `account-${name}`, say('Your account', '내 정보'));
    await page.goto('/pages/nowhere');
    await look(page, `missing-${name}`, say('There is no such page', '없는 페이지입니다'));
  });

  test(`the pages of the door, ${name}`, async ({ service, visitor }) => {
    const concert = await service.concert({ startsIn: 6 });
    const { token } = await service.buy(concert, [1, 2, 3]);
    const { items } = await service.call('GET', '/tickets', { token });
    const scheduleId = concert.schedules[0].id;
    const page = await visitor({ ...options, email: 'organizer@example.com' });
    await page.goto('/pages/door');
    await look(page, `door-dates-${name}`, say('Doors', '입장 확인'));
    await page.goto(`/pages/door/${scheduleId}`);
    await page.getByLabel(say('Name of this door', '이 입구의 이름')).fill('North');
    const scan = async (text, kind) => {
      await page.getByLabel(say('Ticket number or name', '티켓 번호 또는 이름')).fill(text);
      await page.getByRole('button', { name: say('Check in', '입장 처리'), exact: true }).click();
      await expect(page.locator(`.result.${kind}`)).toBeVisible();
    };
    await scan(items[0].number, 'good');
    await page.getByRole('button', { name: say('Next ticket', '다음 티켓') }).click();
    await scan(items[0].number, 'error');
    await look(page, `door-refused-${name}`, concert.title);
    await page.getByRole('button', { name: say('Next ticket', '다음 티켓') }).click();
    await page.context().setOffline(true);
    await scan(items[1].number, 'note');
    await page.screenshot({ path: `../../target/browser/screenshots/door-offline-${name}.png` });
    await page.getByRole('button', { name: say('Next ticket', '다음 티켓') }).click();
    await page.getByLabel(say('Ticket number or name', '티켓 번호 또는 이름')).fill('kim');
    await look(page, `door-${name}`, concert.title);
    await page.context().setOffline(false);
    await scan(items[2].number, 'good');
    await page.screenshot({ path: `../../target/browser/screenshots/door-good-${name}.png` });
  });

  test(`the pages of tickets, ${name}`, async ({ service, visitor }) => {
    const concert = await service.concertInBerlin();
    const { email, token, reservation } = await service.buy(concert, [1, 2, 3, 4]);
    const other = await service.newUser();
    const { items } = await service.call('GET', '/tickets', { token });
    const [given, cancelled, ticket] = items.map(({ id }) => id);
    const change = (path, body) => service.call('POST', `/tickets/${path}`, { token, body, headers: { 'idempotency-key': path } });
    await change(`${cancelled}/cancellation`);
    const page = await visitor({ ...options, email });
    await page.goto(`/pages/reservations/${reservation.id}`);
    await expect(page.locator('.qr img')).toHaveCount(3);
    await page.getByRole('button', { name: say(/^Transfer/, /^양도/) }).first().click();
    await page.getByLabel(say('E-mail of the user who gets it', '받을 사용자의 이메일')).fill(email);
    page.once('dialog', (dialog) => dialog.accept());
    await page.getByRole('button', { name: say('Transfer this ticket', '이 티켓 양도하기') }).click();
    await page.getByRole('main').getByRole('alert').waitFor();
    await look(page, `reservation-${name}`, say('Your tickets', '예매한 티켓'));
    await change(`${given}/transfer`, { email: other.email });
    await page.goto(`/pages/tickets/${ticket}`);
    await expect(page.locator('.qr img')).toHaveCount(1);
    await look(page, `ticket-${name}`, say('Your ticket', '내 티켓'));
    await page.goto(`/pages/tickets/${given}`);
    await look(page, `ticket-void-${name}`, say('Your ticket', '내 티켓'));
    await page.goto('/pages/tickets');
    await page.getByText(say('Past and void (2)', '지난 티켓·무효(2)')).click();
    await page.getByText(say('My reservations', '예매 내역')).click();
    await page.getByText(say('Paid', '결제 완료')).waitFor();
    await look(page, `tickets-of-all-kinds-${name}`, say('My tickets', '내 티켓'));
    await page.route('**/qr-code', (route) => route.fulfill({ status: 503, headers: { 'retry-after': '60' }, contentType: 'application/problem+json', body: '{}' }));
    await page.goto(`/pages/tickets/${ticket}`);
    await page.getByRole('main').getByRole('alert').waitFor();
    await look(page, `ticket-without-code-${name}`, say('Your ticket', '내 티켓'));
  });

  test(`the pages behind the counter, ${name}`, async ({ service, visitor }) => {
    const concert = await service.concert();
    const cancelled = await service.concert();
    await service.buy(cancelled, [1]);
    await service.buy(concert, [1, 2]);
    await service.hold(concert, [12]);
    await service.updateRoom(concert, { capacity: 0 });
    await service.join(concert);
    await service.updateRoom(concert, { message: 'Doors open at seven.', capacity: 20 });
    const operator = await visitor({ ...options, email: 'operator@example.com' });
    await operator.goto('/pages/rooms');
    await look(operator, `rooms-${name}`, say('Waiting rooms', '대기실'));
    await operator.goto(`/pages/rooms/${concert.room.id}`);
    await look(operator, `room-${name}`, concert.title);
    await service.block(concert, [21, 22, 23, 31]);
    await operator.goto(`/pages/concerts/${concert.id}/sales?map=${concert.schedules[0].id}`);
    await operator.getByRole('row').filter({ hasText: /The mixing desk/ }).waitFor();
    await operator.getByText(say('Sales by day as a table', '일별 판매 표')).click();
    await look(operator, `sales-${name}`, say(/Sales/, /판매 현황/));
    await operator.getByRole('button', { name: say('Row 1, seat 3, 10,000 points, Free', /^1열 3번, .*선택 가능/) }).dispatchEvent('click');
    await operator.getByText(say('Give as complimentary tickets', '초대권으로 주기')).click();
    await look(operator, `managed-seats-${name}`, say(/Sales/, /판매 현황/));
    await operator.getByRole('button', { name: say(/^Manage the date/, /일정 관리$/) }).click();
    await operator.getByLabel(say('Ends', '종료')).fill('2099-01-01T12:00');
    await look(operator, `date-${name}`, say(/Sales/, /판매 현황/));
    await service.cancelDate(cancelled);
    await operator.goto(`/pages/concerts/${cancelled.id}/sales`);
    await operator.getByRole('button', { name: say(/^Manage the date/, /일정 관리$/) }).click();
    await operator.getByRole('main').getByText(say('All refunds are complete.', '환불이 모두 끝났습니다.')).waitFor();
    await look(operator, `date-cancelled-${name}`, say(/Sales/, /판매 현황/));
    await operator.goto('/pages/orders');
    await look(operator, `orders-${name}`, say('Orders', '예매 관리'));
    await operator.goto(`/pages/concerts/${concert.id}/orders`);
    await operator.getByRole('button', { name: say(/^Release/, /^해제/) }).click();
    await look(operator, `orders-of-concert-${name}`, concert.title);
    await operator.goto('/pages/people');
    await operator.getByLabel(/E-mail|이메일/).fill('fan@example.com');
    await operator.getByRole('button', { name: say('Find', '찾기') }).click();
    await operator.getByRole('main').getByText('Demo Fan').waitFor();
    await look(operator, `people-${name}`, say('Find a person', '회원 찾기'));
    await operator.goto('/pages/operator-actions');
    await look(operator, `operator-actions-${name}`, say('Operator actions', '운영 기록'));
    const organizer = await visitor({ ...options, email: 'organizer@example.com' });
    await organizer.goto('/pages/organize');
    await look(organizer, `organize-${name}`, say('Announce a concert', '공연 등록'));
    await organizer.goto('/pages/organize/concerts');
    await look(organizer, `own-concerts-${name}`, say('My concerts', '내 공연'));
    await organizer.goto(`/pages/organize/concerts/${concert.id}`);
    await organizer.getByLabel(say('Subtitle', '부제')).fill(say('Songs for a long night', '긴 밤을 위한 노래'));
    await look(organizer, `edit-concert-${name}`, say(/^Edit/, /^편집/));
  });

  test(`the pages of venues and seat plans, ${name}`, async ({ service, visitor }) => {
    const page = await visitor({ ...options, email: 'organizer@example.com' });
    const hall = await service.hallWith(HALL);
    await page.goto('/pages/venues');
    await look(page, `venues-${name}`, say('Venues', '공연장'));
    await page.goto(`/pages/venues/${hall.venueId}`);
    await look(page, `venue-${name}`, /^Venue/);
    await page.goto(`/pages/halls/${hall.id}`);
    await look(page, `hall-${name}`, hall.name);
    await page.goto(`/pages/halls/${hall.id}/plan`);
    await look(page, `planner-${name}`, say(/^Seat plan/, /^좌석 배치도/));
    await page.getByRole('treeitem', { name: /^Stalls/ }).click();
    await page.keyboard.press('ArrowRight');
    await look(page, `planner-section-${name}`, say(/^Seat plan/, /^좌석 배치도/));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await look(page, `planner-row-${name}`, say(/^Seat plan/, /^좌석 배치도/));
    await page.keyboard.press('ArrowDown');
    await look(page, `planner-seat-${name}`, say(/^Seat plan/, /^좌석 배치도/));
    const concert = await service.concert();
    await page.goto(`/pages/concerts/${concert.id}/dates`);
    await page.getByLabel(say('A seat plan of a hall', '홀의 좌석 배치도')).check();
    await page.getByLabel(say('Venue', '공연장'), { exact: true }).selectOption({ index: 1 });
    await page.locator('.seat-map').waitFor();
    await look(page, `new-date-${name}`, concert.title);
  });

  test(`the pages in trouble, ${name}`, async ({ service, visitor }) => {
    const later = await service.concert({ opensAt: Date.now() + 3_600_000 });
    const closed = await service.concert({ policy: { capacity: 0 } });
    const concert = await service.concert();
    const page = await visitor(options);
    const tooBusy = { status: 503, headers: { 'retry-after': '60' }, contentType: 'application/problem+json', body: '{}' };

    await page.goto(`/pages/concerts/${later.id}`);
    await look(page, `concert-later-${name}`, later.title);
    await page.goto(`/pages/concerts/${later.id}/book`);
    await look(page, `opening-${name}`, say('Booking has not opened yet', '아직 예매가 시작되지 않았습니다'));
    await page.goto(`/pages/concerts/${closed.id}/book`);
    await page.getByRole('main').getByText(say('You are next', '다음 차례입니다')).waitFor();
    await page.context().setOffline(true);
    await page.getByRole('main').getByRole('alert').waitFor();
    await look(page, `line-lost-${name}`, say('You are in the queue', '대기 중입니다'));
    await page.context().setOffline(false);
    await page.route('**/plan', (route) => route.fulfill(tooBusy));
    await page.goto(`/pages/concerts/${concert.id}/book`);
    await look(page, `stuck-${name}`, say('It is your turn, but this did not work', '내 차례이지만 처리하지 못했습니다'));
    await page.unrouteAll();
    await page.route('**/points', (route) => route.fulfill(tooBusy));
    await page.getByRole('button', { name: say('Try again', '다시 시도') }).click();
    await page.getByRole('button', { name: say('Take them', '선택'), exact: true }).click();
    await page.getByRole('button', { name: say('Try again', '다시 시도') }).waitFor();
    await look(page, `checkout-unknown-${name}`, say('Pay', '결제'));
    await page.unrouteAll();
    await page.route('**/points', (route) => route.fulfill({ ...tooBusy, headers: { 'retry-after': '10' } }));
    await page.reload();
    await page.locator('.waiting:not([hidden])').waitFor();
    await look(page, `checkout-waiting-${name}`, say('Pay', '결제'));
    const other = await page.context().newPage();
    await other.goto('/');
    await openMenu(other);
    await other.getByRole('button', { name: say('Sign out', '로그아웃') }).click();
    await look(page, `signed-out-${name}`, say('You signed out in another tab', '다른 탭에서 로그아웃했습니다'));
    await page.goto('/pages/sign-in?ended=1&next=/pages/concerts/1/book');
    await look(page, `session-ended-${name}`, say('Sign in', '로그인'));
    const operator = await visitor({ ...options, email: 'operator@example.com' });
    await operator.goto(`/pages/rooms/${concert.room.id}`);
    await operator.getByLabel(say('Capacity', '정원')).fill('5');
    await service.updateRoom(concert, { capacity: 777 });
    await operator.locator('.notice.note').waitFor();
    await look(operator, `room-conflict-${name}`, concert.title);
    await operator.context().clearCookies();
    await operator.getByRole('main').getByRole('alert').waitFor();
    await look(operator, `room-ended-${name}`, concert.title);
    const organizer = await visitor({ ...options, email: 'organizer@example.com' });
    await organizer.goto('/pages/organize');
    await organizer.getByLabel(say('Rows', '열 수')).fill('50000');
    await organizer.locator('.notice.error').waitFor();
    await look(organizer, `organize-too-many-${name}`, say('Announce a concert', '공연 등록'));
  });

  test(`the pages before one signs in, ${name}`, async ({ visitor }) => {
    const page = await visitor({ ...options, email: null });
    await page.goto('/pages/sign-in');
    await look(page, `sign-in-${name}`, say('Sign in', '로그인'));
    await page.goto('/pages/sign-up');
    await look(page, `sign-up-${name}`, say('Sign up', '회원 가입'));
    await page.goto('/pages/forgot-password');
    await look(page, `forgot-password-${name}`, say('Forgot the password?', '비밀번호를 잊으셨나요?'));
    await page.goto('/pages/reset-password#token');
    await look(page, `reset-password-${name}`, say('Set a new password', '새 비밀번호 설정'));
    await page.goto('/pages/verify-email#token');
    await look(page, `verify-email-${name}`, say('Confirm your e-mail address', '이메일 주소 확인'));
  });
}

test('the language is chosen by the browser, switched by hand, and kept', async ({ visitor }) => {
  const page = await visitor({ locale: 'ko-KR', email: null });
  await page.goto('/');
  await expect(page.getByRole('heading', { name: '공연' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ko');

  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('heading', { name: 'Concerts' })).toBeVisible();
  await page.reload();

  await expect(page.getByRole('heading', { name: 'Concerts' })).toBeVisible();
});

test('a map of 20,000 seats is drawn and kept up to date', async ({ service, visitor }) => {
  const concert = await service.concert({ rows: 100, columns: 200 });
  const page = await visitor();
  const before = Date.now();
  await page.goto(`/pages/concerts/${concert.id}/book`);
  await expect(page.getByRole('main').getByText('20,000 seats free')).toBeVisible();
  const drawn = Date.now() - before;
  const elements = await page.evaluate(() => document.querySelectorAll('.seat-map *').length);
  expect(elements).toBeLessThan(1_000);

  const buyer = await service.join(concert);
  const body = { scheduleId: concert.schedules[0].id, seatNumbers: [10_000, 10_001] };
  await service.call('POST', '/reservations', { token: buyer.token, body });
  const held = Date.now();
  await expect(page.getByRole('main').getByText('19,998 seats free')).toBeVisible();
  const updated = Date.now() - held;

  await page.getByRole('button', { name: 'Zoom in' }).click();
  const frames = await page.evaluate(async () => {
    const map = document.querySelector('.drawing canvas');
    const box = map.getBoundingClientRect();
    const at = (type, x) => map.dispatchEvent(new PointerEvent(type, {
      pointerId: 1, bubbles: true, clientX: box.x + box.width / 2 + x, clientY: box.y + box.height / 2,
    }));
    map.setPointerCapture = () => {};
    const times = [];
    at('pointerdown', 0);
    for (let step = 1; step <= 60; step += 1) {
      const start = performance.now();
      at('pointermove', step * 2);
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - start);
    }
    at('pointerup', 120);
    return times.sort((a, b) => a - b)[30];
  });
  console.log(`20,000 seats: drawn in ${drawn} ms, ${elements} elements, a hold seen after ${updated} ms, ${frames.toFixed(1)} ms a frame while panned`);
});
