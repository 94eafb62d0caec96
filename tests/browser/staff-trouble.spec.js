// Each request of the pages of staff and of the account page fails: the page explains it and shows how to go on, nothing typed is lost, and
// nothing happens twice.

import { FAILURES, FAILURES_OF_CHANGES, ID, failEach } from './failures.js';
import { picture } from './picture.js';
import { expect, test } from './stagedoor.js';
import { Journey } from './steps.js';

const ORGANIZER = 'organizer@example.com';
const OPERATOR = 'operator@example.com';
const NEW_PASSWORD = 'a longer evening';

// Every journey signs in several times.
test.use({ settings: { STAGEDOOR_RATE_LIMITS: 'off' } });

const unique = (word) => `${word} ${crypto.randomUUID().slice(0, 8)}`;

/** A plan of one section. */
const plan = (seats = 4) => ({
  stage: { x: -4, y: -5, width: 8, height: 3, label: 'STAGE' },
  zones: [{ code: 'R', name: 'Royal', colour: '#7b3fa0' }],
  sections: [{ name: 'Stalls', zone: 'R', x: 0, y: 0, rows: [{ label: 'A', seats }] }],
});

const h1 = (page, name) => page.getByRole('main').getByRole('heading', { level: 1, name, exact: true });
const text = (page, words) => page.getByRole('main').getByText(words);

/** Every item of a list that belongs to a user of the staff. */
async function listed(service, path, token) {
  const { items } = await service.call('GET', `${path}${path.includes('?') ? '&' : '?'}limit=100`, { token });
  return items;
}

const JOURNEYS = {
  'a concert from its draft to its cancellation': {
    email: ORGANIZER,
    requests: {
      'own concerts': ['GET', '/users/me/concerts\\?.*'],
      draft: ['POST', '/concerts'],
      concert: ['GET', `/concerts/${ID}`],
      texts: ['PATCH', `/concerts/${ID}`],
      poster: ['PUT', `/concerts/${ID}/poster`],
      'removal of the poster': ['DELETE', `/concerts/${ID}/poster`],
      publication: ['POST', `/concerts/${ID}/publication`],
      copy: ['POST', `/concerts/${ID}/duplicate`],
      'deletion of the copy': ['DELETE', `/concerts/${ID}`],
      cancellation: ['POST', `/concerts/${ID}/cancellation`],
      refunds: ['GET', `/concerts/${ID}/cancellation`],
    },
    begin: () => ({ title: unique('Draft') }),
    async walk(journey, known, service) {
      const { page } = journey;
      await journey.take({ go: '/pages/organize/concerts', done: h1(page, 'My concerts') });
      await journey.take({ fill: () => page.getByLabel('Title of a new draft').fill(known.title), press: 'Make a draft', done: h1(page, `Edit: ${known.title}`) });
      known.id = page.url().split('/').at(-1);
      await journey.take({
        fill: async () => {
          await page.getByLabel('Subtitle').fill('Songs for a long night');
          await page.getByLabel('Tags').fill('jazz, piano');
        },
        press: 'Save', done: page.getByRole('main').getByText('Saved', { exact: true }),
      });
      const file = { name: 'poster.png', mimeType: 'image/png', buffer: picture(400, 600) };
      await journey.take({ fill: () => page.getByLabel('Choose a picture').setInputFiles(file), done: text(page, 'The poster is shown now') });
      await journey.take({ press: 'Remove the poster', done: text(page, 'The poster is removed') });
      await service.addFirstDate(known.id);
      await journey.take({ press: 'Publish', done: text(page, 'Published: the concert is on sale') });
      await journey.take({ press: 'Copy as a draft', done: text(page, 'Only you and operators see this draft.') });
      // A copy whose deletion has no answer is not found after the sign-in.
      await journey.take({ press: 'Delete the draft', done: h1(page, 'My concerts').or(h1(page, 'There is no such page')) });
      await journey.take({ go: `/pages/organize/concerts/${known.id}`, done: h1(page, `Edit: ${known.title}`) });
      await journey.take({
        fill: async () => {
          await text(page, 'Cancel the concert').first().click();
          await page.getByLabel('Reason').fill('The singer is ill.');
        },
        press: 'Cancel the concert', done: text(page, 'All refunds are complete.'),
      });
    },
    async check(known, service) {
      const concerts = (await listed(service, '/users/me/concerts', await service.organizer())).filter(({ title }) => title === known.title);
      expect(concerts).toMatchObject([{ id: known.id, state: 'CANCELLED', subtitle: 'Songs for a long night', tags: ['jazz', 'piano'], poster: null }]);
    },
  },

  'a concert that is announced with a seat plan': {
    email: ORGANIZER,
    requests: {
      venues: ['GET', '/venues\\?.*'],
      halls: ['GET', `/venues/${ID}/halls\\?.*`],
      plan: ['GET', `/halls/${ID}/plans/1`],
      announcement: ['POST', '/concerts'],
      concert: ['GET', `/concerts/${ID}`],
    },
    async begin(service) {
      const hall = await service.hallWith(plan());
      return { title: unique('Evening'), hall, venue: await service.call('GET', `/venues/${hall.venueId}`) };
    },
    async walk(journey, { title, venue }) {
      const { page } = journey;
      await journey.take({ go: '/pages/organize', done: h1(page, 'Announce a concert') });
      await journey.take({
        fill: async () => {
          await page.getByLabel('Title').fill(title);
          await page.getByLabel('Description').fill('An evening of songs.');
          await page.getByLabel('A seat plan of a hall').check();
          await page.getByLabel('Venue').selectOption({ label: venue.name });
        },
        done: page.getByLabel('Price: Royal'),
      });
      await journey.take({ fill: () => page.getByLabel('Price: Royal').fill('50000'), press: 'Announce', done: h1(page, title) });
    },
    async check({ title, hall }, service) {
      const concerts = (await listed(service, '/users/me/concerts', await service.organizer())).filter((concert) => concert.title === title);
      expect(concerts).toMatchObject([{ description: 'An evening of songs.' }]);
      const schedules = await listed(service, `/concerts/${concerts[0].id}/schedules`, await service.organizer());
      expect(schedules).toMatchObject([{ hallId: hall.id, seatCount: 4 }]);
    },
  },

  'a date that is added, changed and cancelled': {
    email: ORGANIZER,
    requests: {
      concert: ['GET', `/concerts/${ID}`],
      venues: ['GET', '/venues\\?.*'],
      'new date': ['POST', `/concerts/${ID}/schedules`],
      sales: ['GET', `/concerts/${ID}/sales`],
      'sales by day': ['GET', `/concerts/${ID}/sales/days`],
      'blocked seats': ['GET', `/schedules/${ID}/seat-blocks\\?.*`],
      plan: ['GET', `/schedules/${ID}/plan`],
      'states of seats': ['GET', `/schedules/${ID}/seat-status`],
      'stream of seats': ['GET', `/schedules/${ID}/seats/events.*`],
      date: ['GET', `/schedules/${ID}`],
      terms: ['PATCH', `/schedules/${ID}`],
      cancellation: ['POST', `/schedules/${ID}/cancellation`],
      refunds: ['GET', `/schedules/${ID}/cancellation`],
    },
    async begin(service) {
      const concert = await service.concert();
      return { concert, fan: await service.buy(concert, [1]) };
    },
    async walk(journey, { concert }) {
      const { page, main } = journey;
      await journey.take({ go: `/pages/concerts/${concert.id}/dates`, done: h1(page, `Add a date: ${concert.title}`) });
      await journey.take({ fill: () => page.getByLabel('Tickets per person').fill('3'), press: 'Add a date', done: h1(page, `Sales: ${concert.title}`) });
      const first = main.getByRole('row').nth(1);
      await journey.take({ press: first.getByRole('button', { name: /^Seat map/ }), done: page.locator('.seat-map') });
      if ('stream of seats' in journey.requests) await expect.poll(() => journey.failed).toContain('stream of seats');
      await expect(main.getByRole('alert')).toHaveCount(0);
      await journey.take({ press: first.getByRole('button', { name: /^Manage the date/ }), done: page.getByLabel('Tickets per person') });
      await journey.take({ fill: () => page.getByLabel('Tickets per person').fill('2'), press: 'Save the date', done: text(page, 'Saved') });
      await journey.take({
        fill: async () => {
          await text(page, 'Cancel this date').first().click();
          await page.getByLabel('Reason').fill('The singer is ill.');
        },
        press: 'Cancel this date', done: text(page, 'All refunds are complete. Orders refunded: 1.'),
      });
      await expect(first).toContainText('Cancelled');
    },
    async check({ concert, fan }, service) {
      const schedules = await listed(service, `/concerts/${concert.id}/schedules`, await service.organizer());
      expect(schedules.map(({ maxTicketsPerPerson, cancelReason }) => [maxTicketsPerPerson, cancelReason ?? null]))
        .toEqual([[2, 'The singer is ill.'], [3, null]]);
      expect((await service.call('GET', '/points', { token: fan.token })).balance).toBe(10_000);
    },
  },

  'seats that are blocked, put back and given away': {
    email: ORGANIZER,
    requests: {
      blocking: ['POST', `/schedules/${ID}/seat-blocks`],
      removal: ['POST', `/schedules/${ID}/seat-blocks/removal`],
      gift: ['POST', `/schedules/${ID}/complimentary-tickets`],
    },
    begin: async (service) => ({ concert: await service.concert(), fan: await service.newUser() }),
    async walk(journey, { concert, fan }) {
      const { page, main } = journey;
      const pick = (name) => page.getByRole('button', { name: `${name}, 10,000 points, ` }).dispatchEvent('click');
      await journey.take({ go: `/pages/concerts/${concert.id}/sales?map=${concert.schedules[0].id}`, done: page.locator('.seat-map') });
      await journey.take({
        fill: async () => {
          await pick('Row 1, seat 1');
          await page.getByLabel('Reason').first().fill('A camera stands here.');
        },
        press: 'Block: 1', done: main.getByRole('row').filter({ hasText: 'A camera stands here.' }),
      });
      await journey.take({
        press: 'Put back on sale: Row 1, seat 1', done: page.getByRole('button', { name: 'Row 1, seat 1, 10,000 points, Free' }),
      });
      await journey.take({
        fill: async () => {
          await pick('Row 1, seat 2');
          await page.getByText('Give as complimentary tickets').click();
          await page.getByLabel('E-mail').fill(fan.email);
          await page.getByLabel('Reason').nth(1).fill('For the critic.');
        },
        press: 'Give: 1', done: text(page, `Given to ${fan.email}: 1`),
      });
    },
    async check({ concert, fan }, service) {
      const token = await service.organizer();
      expect(await listed(service, `/schedules/${concert.schedules[0].id}/seat-blocks`, token)).toEqual([]);
      expect(await listed(service, '/reservations', fan.token)).toMatchObject([{ status: 'CONFIRMED', totalPrice: 0 }]);
    },
  },

  'a venue with a hall and its seat plan': {
    email: ORGANIZER,
    requests: {
      venues: ['GET', '/venues\\?.*'],
      'new venue': ['POST', '/venues'],
      venue: ['GET', `/venues/${ID}`],
      halls: ['GET', `/venues/${ID}/halls\\?.*`],
      edit: ['PATCH', `/venues/${ID}`],
      'new hall': ['POST', `/venues/${ID}/halls`],
      hall: ['GET', `/halls/${ID}`],
      plan: ['GET', `/halls/${ID}/plans/1`],
      'new plan': ['PUT', `/halls/${ID}/plan`],
    },
    begin: () => ({ name: unique('Philharmonie') }),
    async walk(journey, { name }) {
      const { page, main } = journey;
      await journey.take({ go: '/pages/venues', done: h1(page, 'Venues') });
      await journey.take({
        fill: async () => {
          await page.getByLabel('Name').fill(name);
          await page.getByLabel('Time zone').fill('Europe/Berlin');
        },
        press: 'Enter the venue', done: h1(page, name),
      });
      await journey.take({ fill: () => page.getByLabel('Address').fill('Alexanderplatz 1'), press: 'Save', done: text(page, 'Saved') });
      await journey.take({
        fill: async () => {
          await page.getByLabel('Name of the hall').fill('Great hall');
          await page.getByLabel('Rows', { exact: true }).fill('3');
          await page.getByLabel('Seats in a row').fill('7');
        },
        press: 'Add the hall', done: h1(page, 'Seat plan: Great hall'),
      });
      await journey.take({
        fill: async () => {
          await page.getByRole('application').focus();
          await page.keyboard.press('PageDown');
          await page.keyboard.press('ArrowRight');
        },
        press: 'Save as a new version', done: main.getByText('Saved as version 2.'),
      });
    },
    async check({ name }, service) {
      const venues = (await listed(service, '/venues')).filter((venue) => venue.name === name);
      expect(venues).toMatchObject([{ address: 'Alexanderplatz 1', timeZone: 'Europe/Berlin' }]);
      expect(await listed(service, `/venues/${venues[0].id}/halls`)).toMatchObject([{ name: 'Great hall', placeCount: 21, planVersion: 2 }]);
    },
  },

  'a seat plan from a file': {
    email: ORGANIZER,
    requests: {
      hall: ['GET', `/halls/${ID}`],
      venue: ['GET', `/venues/${ID}`],
      import: ['PUT', `/halls/${ID}/plan`],
    },
    begin: async (service) => ({ hall: await service.hallWith(plan()) }),
    async walk(journey, { hall }) {
      const { page } = journey;
      const file = { name: 'plan.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(plan(6))) };
      await journey.take({ go: `/pages/halls/${hall.id}`, done: h1(page, hall.name) });
      await journey.take({
        fill: () => page.getByLabel('File with a seat plan (JSON)').setInputFiles(file),
        press: 'Import a seat plan', done: text(page, 'Imported as version 2.'),
      });
    },
    check: async ({ hall }, service) => expect(await service.call('GET', `/halls/${hall.id}`)).toMatchObject({ planVersion: 2, placeCount: 6 }),
  },

  'orders that are searched, released and refunded': {
    email: ORGANIZER,
    requests: {
      orders: ['GET', '/orders\\?.*'],
      concerts: ['GET', '/concerts\\?ids=.*'],
      ending: ['POST', `/orders/${ID}/cancellation`],
    },
    async begin(service) {
      const concert = await service.concert();
      const fan = await service.buy(concert, [1]);
      return { concert, fan, held: await service.hold(concert, [2]) };
    },
    async walk(journey, { concert, fan }) {
      const { page, main } = journey;
      const csv = page.getByRole('link', { name: 'Attendees (CSV)' });
      await journey.take({ go: `/pages/concerts/${concert.id}/orders`, done: h1(page, `Orders: ${concert.title}`) });
      await expect(csv).toHaveAttribute('href', `/api/v1/concerts/${concert.id}/attendees.csv`);
      const end = async (button, reason) => journey.take({
        fill: async () => {
          await main.getByRole('button', { name: new RegExp(`^${button}: `) }).click();
          await page.getByLabel('Reason').fill(reason);
        },
        press: button, done: main.getByRole('table').getByText('Cancelled', { exact: true }).nth(button === 'Release' ? 0 : 1),
      });
      await end('Release', 'Kept for the press.');
      await end('Cancel and refund', 'The seat is broken.');
      await journey.take({
        fill: () => page.getByLabel('Ticket, seat, name or e-mail').fill(fan.email),
        press: 'Search', done: page.getByRole('row').nth(1).filter({ hasText: fan.email }),
      });
      await expect(csv).toBeVisible();
    },
    async check({ concert, fan }, service) {
      const orders = await listed(service, `/orders?concertId=${concert.id}`, await service.organizer());
      expect(orders.map(({ reservation }) => reservation.status)).toEqual(['CANCELLED', 'CANCELLED']);
      const history = await listed(service, '/points/history', fan.token);
      expect(history.map(({ kind }) => kind)).toEqual(['REFUND', 'USE', 'CHARGE']);
    },
  },

  'rooms that are paused and changed, and the audit log': {
    email: OPERATOR,
    requests: {
      rooms: ['GET', '/rooms\\?.*'],
      concerts: ['GET', '/concerts\\?ids=.*'],
      'pause of all': ['POST', '/rooms/pause'],
      room: ['GET', `/rooms/${ID}`],
      sales: ['GET', `/concerts/${ID}/sales`],
      controls: ['PATCH', `/rooms/${ID}`],
      removal: ['POST', `/queue-tokens/${ID}/removal`],
      'audit log': ['GET', '/operator-actions\\?.*'],
    },
    async begin(service) {
      const concert = await service.concert({ policy: { capacity: 0 } });
      return { concert, place: await service.join(concert), reason: unique('Sold the position on') };
    },
    async walk(journey, { concert, place, reason }) {
      const { page, main } = journey;
      const state = (words) => main.getByRole('row').filter({ hasText: concert.title }).getByText(words, { exact: true });
      await journey.take({ go: '/pages/rooms', done: h1(page, 'Waiting rooms') });
      await journey.take({ press: 'Pause all', done: state('Paused') });
      await journey.take({ press: 'Resume all', done: state('Closed') });
      await journey.take({ go: `/pages/rooms/${concert.room.id}`, done: h1(page, concert.title) });
      await journey.take({ fill: () => page.getByLabel('Message to waiting users').fill('Back at 10:30.'), press: 'Save', done: text(page, 'Saved') });
      await journey.take({ press: 'Pause', done: journey.button('Resume') });
      await journey.take({
        fill: async () => {
          await page.getByLabel('Number of the position').fill(place.id);
          await page.getByLabel('Reason').fill(reason);
        },
        press: 'Remove from the queue', done: text(page, `Removed: ${place.id}`),
      });
      await journey.take({ go: '/pages/operator-actions', done: main.getByRole('row').filter({ hasText: reason }).first() });
    },
    async check({ concert, reason }, service) {
      const actions = await listed(service, '/operator-actions', await service.operator());
      const changes = actions.filter(({ roomId, before }) => roomId === concert.room.id && before);
      expect(changes.map(({ after }) => [after.policy.paused, after.message]).reverse())
        // The first change is the set-up of the test.
        .toEqual([[false, ''], [true, ''], [false, ''], [false, 'Back at 10:30.'], [true, 'Back at 10:30.']]);
      expect(actions.filter((action) => action.reason === reason)).toHaveLength(1);
    },
  },

  'a person who gets another role': {
    email: OPERATOR,
    requests: {
      person: ['GET', '/users\\?.*'],
      reservations: ['GET', '/reservations\\?userId=.*'],
      'queue tokens': ['GET', '/queue-tokens\\?userId=.*'],
      role: ['PUT', `/users/${ID}/role`],
    },
    begin: async (service) => ({ fan: await service.newUser() }),
    async walk(journey, { fan }) {
      const { page } = journey;
      await journey.take({ go: '/pages/people', done: h1(page, 'Find a person') });
      await journey.take({ fill: () => page.getByLabel('E-mail').fill(fan.email), press: 'Find', done: page.getByRole('heading', { name: fan.email }) });
      await journey.take({
        fill: () => page.getByLabel('Role').selectOption('Organizer'),
        press: 'Change the role', done: text(page, 'The role of Kim Fan is Organizer now.'),
      });
    },
    async check({ fan }, service) {
      const token = await service.operator();
      const { id, role } = await service.call('GET', `/users?email=${fan.email}`, { token });
      expect(role).toBe('ORGANIZER');
      const actions = await listed(service, '/operator-actions', token);
      expect(actions.filter(({ kind, userId }) => kind === 'ROLE_CHANGED' && userId === id)).toHaveLength(1);
    },
  },

  'an account that is changed, exported and deleted': {
    requests: {
      name: ['PATCH', '/users/me'],
      password: ['PUT', '/users/me/password'],
      export: ['GET', '/users/me/export'],
      sessions: ['DELETE', '/sessions'],
      deletion: ['POST', '/users/me/deletion'],
    },
    begin: async (service) => ({ fan: await service.newUser() }),
    async walk(journey, { fan }, service) {
      const { page } = journey;
      const isOut = page.getByRole('navigation').getByRole('link', { name: 'Sign in' });
      await journey.take({ go: '/pages/account', done: h1(page, 'Your account') });
      await journey.take({ fill: () => page.getByLabel('Name', { exact: true }).fill('Kim Minsu'), press: 'Save the name', done: text(page, 'The name is saved.') });
      expect((await service.call('GET', '/users/me', { token: fan.token })).name).toBe('Kim Minsu');
      await journey.take({
        fill: async () => {
          await page.getByLabel('Current password').fill('stagedoor');
          await page.getByLabel('New password').fill(NEW_PASSWORD);
        },
        press: 'Change the password', done: text(page, 'The password is changed.'),
      });
      let isSaved = false;
      page.once('download', () => { isSaved = true; });
      await journey.take({ press: 'Download', done: () => isSaved });
      await journey.take({ press: 'Sign out everywhere', done: isOut });
      await journey.take({ go: '/pages/account', done: h1(page, 'Your account') });
      await journey.take({ fill: () => page.getByLabel('Password, to confirm').fill(NEW_PASSWORD), press: 'Delete my account', done: isOut });
    },
    check: ({ fan }, service) => service.call('POST', '/users', { body: { name: 'Another Fan', email: fan.email, password: 'stagedoor' } }),
  },
};

/** The requests that change something. */
const changesOf = (requests) => Object.fromEntries(Object.entries(requests).filter(([, [method]]) => method !== 'GET'));

const WAYS = [
  ...Object.entries(FAILURES).map(([name, way]) => [`fails once with ${name}`, [way], (requests) => requests]),
  ...Object.entries(FAILURES_OF_CHANGES).map(([name, ways]) => [`that changes something has ${name}`, ways, changesOf]),
];

for (const [subject, { email, requests, begin, walk, check }] of Object.entries(JOURNEYS)) {
  for (const [name, ways, chosen] of WAYS) {
    test(`${subject}: each request ${name}, and everything happens once`, async ({ service, visitor }) => {
      test.setTimeout(300_000);
      const known = await begin(service);
      const user = email ?? known.fan.email;
      const page = await visitor({ email: user });
      const journey = new Journey(page, user, email ? undefined : ['stagedoor', NEW_PASSWORD]);
      journey.requests = chosen(requests);
      journey.failed = await failEach(page, journey.requests, ways);

      await walk(journey, known, service);

      expect(journey.failed.toSorted()).toEqual(Object.keys(journey.requests).toSorted());
      await check(known, service);
      console.log(`${subject}, ${name}: ${journey.taken.join(', ')}`);
    });
  }
}
