// A service of its own for each worker of the tests, and people who use it by its API.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test as base } from '@playwright/test';

export { expect } from '@playwright/test';

const PASSWORD = 'stagedoor';

class Service {
  constructor(process, url) {
    this.process = process;
    this.url = url;
  }

  /** Starts a demonstration with settings of its own. */
  static async start(data, settings) {
    const child = spawn(process.env.BROWSER_TEST_PROGRAM, ['serve', '--demo', '--listen', '127.0.0.1:0', '--data', data], {
      env: { ...process.env, DATABASE_URL: '', ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = [];
    const url = await new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          said.push(line);
          const found = line.match(/http:\/\/127\.0\.0\.1:\d+/);
          if (found) resolve(found[0]);
        });
      }
      child.once('exit', (code) => reject(new Error(`the service ended with ${code}:\n${said.join('\n')}`)));
    });
    return new Service(child, url);
  }

  async stop() {
    const ended = new Promise((resolve) => { this.process.once('exit', resolve); });
    this.process.kill('SIGTERM');
    await ended;
  }

  /** Calls the API; throws on a refusal. */
  async call(method, path, { token, body, headers } = {}) {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
    const answer = response.status === 204 ? undefined : await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  async signIn(email) {
    const session = await this.call('POST', '/sessions', { body: { email, password: PASSWORD } });
    return session.accessToken;
  }

  /** Those who work there sign in once: signing in is limited. */
  operator() { return (this.operatorToken ??= this.signIn('operator@example.com')); }

  organizer() { return (this.organizerToken ??= this.signIn('organizer@example.com')); }

  /** A new user: an address to sign in with, and a token. */
  async newUser() {
    const email = `${randomUUID()}@example.com`;
    await this.call('POST', '/users', { body: { name: 'Kim Fan', email, password: PASSWORD } });
    return { email, token: await this.signIn(email) };
  }

  /** A concert of its own whose only date can be booked; it starts in `startsIn` hours. */
  async concert({ rows = 5, columns = 10, policy, sections, plan, title, opensAt = Date.now() - 3_600_000, startsIn = 48 } = {}) {
    const token = await this.organizer();
    const hours = (n) => new Date(Date.now() + n * 3_600_000).toISOString();
    const schedule = {
      startsAt: hours(startsIn), endsAt: hours(startsIn + 2), bookingOpensAt: new Date(opensAt).toISOString(), bookingClosesAt: hours(startsIn - 1),
      cancellationClosesAt: hours(startsIn / 2),
      ...(plan ? { plan } : { seatMap: sections ?? { rows, columns, price: 10_000 } }),
    };
    const concert = await this.call('POST', '/concerts', {
      token, body: { title: title ?? `Concert ${randomUUID().slice(0, 8)}`, description: 'An evening of songs.', schedules: [schedule] },
    });
    const rooms = await this.call('GET', '/rooms?limit=100', { token: await this.operator() });
    concert.room = rooms.items.find((room) => room.concertId === concert.id);
    if (policy) await this.updateRoom(concert, policy);
    return concert;
  }

  /** A venue of the organizer's. */
  async venue(timeZone = 'Asia/Seoul') {
    const body = { name: `Venue ${randomUUID().slice(0, 8)}`, address: 'Seoul', timeZone };
    return this.call('POST', '/venues', { token: await this.organizer(), body });
  }

  /** Changes a venue as another user does. */
  async changeVenue(venue, body) {
    const { headers } = await fetch(`${this.url}/api/v1/venues/${venue.id}`);
    return this.call('PATCH', `/venues/${venue.id}`, { token: await this.organizer(), body, headers: { 'if-match': headers.get('etag') } });
  }

  /** A hall with a seat plan, in a venue of its own. */
  async hallWith(plan, timeZone) {
    const { id } = await this.venue(timeZone);
    return this.call('POST', `/venues/${id}/halls`, { token: await this.organizer(), body: { name: `Hall ${randomUUID().slice(0, 8)}`, plan } });
  }

  /** Makes a new version of a hall's plan. */
  async changePlan(hall, body) { return this.call('PUT', `/halls/${hall.id}/plan`, { token: await this.organizer(), body }); }

  /** A hall with a seat plan, as a date takes it. */
  async hall(plan, prices) {
    const { id } = await this.hallWith(plan);
    return { hallId: id, prices };
  }

  /** Adds a date a week later, whose booking opens with the first one's, or in `opensIn` milliseconds. */
  async addDate(concert, { opensIn } = {}) {
    const [{ startsAt, endsAt, bookingOpensAt, bookingClosesAt }] = concert.schedules;
    const later = (time) => new Date(Date.parse(time) + 7 * 24 * 3_600_000).toISOString();
    const body = {
      startsAt: later(startsAt), endsAt: later(endsAt), bookingClosesAt,
      bookingOpensAt: opensIn ? new Date(Date.now() + opensIn).toISOString() : bookingOpensAt,
      seatMap: { rows: 5, columns: 10, price: 10_000 },
    };
    return this.call('POST', `/concerts/${concert.id}/schedules`, { token: await this.organizer(), body });
  }

  /** Gives a draft a date that can be booked. */
  async addFirstDate(id) {
    const hours = (n) => new Date(Date.now() + n * 3_600_000).toISOString();
    const body = { startsAt: hours(48), endsAt: hours(50), bookingOpensAt: hours(-1), bookingClosesAt: hours(47), seatMap: { rows: 1, columns: 5, price: 10_000 } };
    return this.call('POST', `/concerts/${id}/schedules`, { token: await this.organizer(), body });
  }

  /** A concert at a venue in Berlin. */
  async concertInBerlin() {
    const token = await this.organizer();
    const make = (path, body) => this.call('POST', path, { token, body });
    const venue = await make('/venues', { name: 'Philharmonie', address: 'Herbert-von-Karajan-Str. 1, Berlin', timeZone: 'Europe/Berlin' });
    const plan = {
      stage: { x: 0, y: -4, width: 8, height: 3 }, zones: [{ code: 'R', name: 'R', colour: '#7b3fa0' }],
      sections: [{ name: 'Stalls', zone: 'R', x: 0, y: 0, rows: [{ label: 'A', seats: 10 }] }],
    };
    const hall = await make(`/venues/${venue.id}/halls`, { name: 'Great hall', plan });
    const hours = (n) => new Date(Date.now() + n * 3_600_000).toISOString();
    const schedule = {
      startsAt: hours(48), endsAt: hours(50), bookingOpensAt: hours(-1), bookingClosesAt: hours(47), cancellationClosesAt: hours(24),
      plan: { hallId: hall.id, prices: { R: 10_000 } },
    };
    return make('/concerts', { title: `Concert ${randomUUID().slice(0, 8)}`, schedules: [schedule] });
  }

  /** Ends the booking of the only date of a concert. */
  async closeBooking(concert) {
    const token = await this.organizer();
    const response = await fetch(`${this.url}/api/v1/schedules/${concert.schedules[0].id}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'if-match': '*' },
      body: JSON.stringify({ bookingClosesAt: new Date(Date.now() - 60_000).toISOString() }),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  /** Takes seats of the only date of a concert out of sale. */
  async block(concert, seatNumbers, reason = 'The mixing desk stands here.') {
    return this.call('POST', `/schedules/${concert.schedules[0].id}/seat-blocks`, { token: await this.organizer(), body: { seatNumbers, reason } });
  }

  /** Gives a concert a poster: a PNG file. */
  async showPoster(concert, body) {
    const headers = { authorization: `Bearer ${await this.organizer()}`, 'content-type': 'image/png', 'if-match': '*' };
    const response = await fetch(`${this.url}/api/v1/concerts/${concert.id}/poster`, { method: 'PUT', headers, body });
    if (!response.ok) throw new Error(await response.text());
  }

  /** Cancels the only date of a concert. */
  async cancelDate(concert) {
    const path = `/schedules/${concert.schedules[0].id}/cancellation`;
    return this.call('POST', path, { token: await this.organizer(), body: { reason: 'The singer is ill.' } });
  }

  /** Changes the policy of a concert's room. */
  async updateRoom(concert, policy) {
    return this.call('PATCH', `/rooms/${concert.room.id}`, { token: await this.operator(), body: policy });
  }

  /** A new user joins a concert's queue. */
  async join(concert) {
    const { token } = await this.newUser();
    return this.call('POST', `/concerts/${concert.id}/queue-tokens`, { token });
  }

  /** A new user holds seats by their numbers. */
  async hold(concert, seatNumbers) {
    const { token } = await this.join(concert);
    return this.holdWith(token, concert, seatNumbers);
  }

  async holdWith(token, concert, seatNumbers) {
    const scheduleId = concert.schedules[0].id;
    return this.call('POST', '/reservations', { token, body: { scheduleId, seatNumbers } });
  }

  /** A new user buys seats by their numbers. */
  async buy(concert, seatNumbers) {
    const user = await this.newUser();
    const { token } = await this.call('POST', `/concerts/${concert.id}/queue-tokens`, { token: user.token });
    const reservation = await this.holdWith(token, concert, seatNumbers);
    await this.call('POST', '/points/charges', { token, body: { amount: reservation.totalPrice } });
    await this.call('POST', '/payments', { token, body: { reservationId: reservation.id } });
    return { ...user, reservation };
  }
}

export const test = base.extend({
  settings: [{}, { option: true, scope: 'worker' }],

  service: [async ({ settings }, use) => {
    const data = await mkdtemp(join(tmpdir(), 'stagedoor-browser-'));
    const service = await Service.start(data, settings);
    await use(service);
    await service.stop();
    await rm(data, { recursive: true });
  }, { scope: 'worker' }],

  baseURL: async ({ service }, use) => use(service.url),

  /** A new browser window of a signed-in user; any error in its scripts, and any missing text, fails the test. */
  visitor: async ({ browser, service }, use) => {
    const troubles = [];
    const contexts = [];
    await use(async ({ email, ...options } = {}) => {
      const context = await browser.newContext({ locale: 'en-GB', baseURL: service.url, ...options });
      contexts.push(context);
      const page = await context.newPage();
      page.on('request', (request) => {
        const { protocol, origin } = new URL(request.url());
        if (protocol.startsWith('http') && origin !== service.url) troubles.push(new Error(`${origin} was asked`));
      });
      page.on('pageerror', (error) => troubles.push(error));
      page.on('console', (message) => {
        if (/Content Security Policy|^no text for/.test(message.text())) troubles.push(new Error(message.text()));
      });
      if (email !== null) await signIn(page, email ?? (await service.newUser()).email);
      return page;
    });
    await Promise.all(contexts.map((context) => context.close()));
    if (troubles.length) throw troubles[0];
  },
});

/** Signs in by the page; names are those of either language. */
export async function signIn(page, email) {
  await page.goto('/pages/sign-in');
  await page.getByLabel(/E-mail|이메일/).fill(email);
  await page.getByLabel(/Password|비밀번호/).fill(PASSWORD);
  await page.getByRole('button', { name: /^(Sign in|로그인)$/ }).click();
  await page.waitForURL((url) => url.pathname !== '/pages/sign-in');
  await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
}

/** Opens the menu of the header, where the window is too narrow for the links. */
export async function openMenu(page) {
  const menu = page.getByRole('button', { name: /^(Menu|메뉴)$/ });
  if (await menu.isVisible()) await menu.click();
}

/** Clicks a seat on the map, where the cursor of the keyboard lies on it. */
export async function clickSeat(page, row, name) {
  const grid = page.getByRole('grid', { name: 'Seat map' });
  await grid.getByRole('row', { name: row, exact: true }).getByRole('rowheader').getByRole('button').dispatchEvent('click');
  await grid.getByRole('gridcell').getByRole('button', { name: new RegExp(`^${row}, ${name},`) }).focus();
  const { x, y, width, height } = await page.locator('.cursor:focus').boundingBox();
  await page.mouse.click(x + width / 2, y + height / 2);
}
