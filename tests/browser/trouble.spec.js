// Each request of a booking fails once: the page says so, goes on or shows how to, and nothing happens twice.

import { FAILURES, ID, failEach } from './failures.js';
import { expect, signIn, test } from './stagedoor.js';

const CLOSED = { capacity: 0, admitIntervalSeconds: 1 };

const REQUESTS = {
  'who is signed in': ['GET', '/users/me'],
  'who is signed in, with the concert': ['GET', '/users/me\\?concertId=.*'],
  'signing in': ['POST', '/sessions'],
  concert: ['GET', `/concerts/${ID}`],
  joining: ['POST', `/concerts/${ID}/queue-tokens`],
  'stream of the place': ['GET', '/queue-tokens/me/events'],
  'poll of the place': ['GET', '/queue-tokens/me'],
  holds: ['GET', '/reservations\\?status=HELD.*'],
  dates: ['GET', `/concerts/${ID}/schedules.*`],
  plan: ['GET', `/schedules/${ID}/plan`],
  'states of seats': ['GET', `/schedules/${ID}/seat-status`],
  'stream of seats': ['GET', `/schedules/${ID}/seats/events.*`],
  holding: ['POST', '/reservations'],
  reservation: ['GET', `/reservations/${ID}`],
  points: ['GET', '/points'],
  charging: ['POST', '/points/charges'],
  extending: ['POST', `/reservations/${ID}/extension`],
  paying: ['POST', '/payments'],
};

/** Takes the next step that the page offers, whichever it is; answers which. */
async function nextStep(page, email, steps) {
  const button = (name) => page.getByRole('main').getByRole('button', { name }).and(page.locator(':enabled'));
  const offers = [
    ['ticket', page.getByRole('heading', { name: 'Your tickets' }), async () => {}],
    ['sign in again', page.getByRole('main').getByRole('link', { name: 'Sign in', exact: true }), (offer) => offer.click()],
    ['sign in', page.getByRole('heading', { name: 'Sign in' }), async () => {
      await page.getByLabel('E-mail').fill(email);
      await page.getByLabel('Password').fill('stagedoor');
      await button('Sign in').click();
    }],
    ['try again', button('Try again').first(), (offer) => offer.click()],
    ['book', page.getByRole('main').getByRole('link', { name: /^(Join the queue|Sign in to join)/ }), steps.book],
    ['line', page.getByRole('heading', { name: 'You are in the queue' }), steps.line],
    ['take', button('Take them'), (offer) => offer.click()],
    ['extend', button(/Keep the seats until/), (offer) => offer.click()],
    ['charge', button(/^Charge/), (offer) => offer.click()],
    ['pay', button(/^Pay/), steps.pay],
  ];
  for (const [name, offer, accept] of offers) {
    if (!(await offer.isVisible())) continue;
    // A step that goes away by itself was none.
    await accept(offer.first()).catch((error) => { if (!/Timeout/.test(error.message)) throw error; });
    return name;
  }
  return undefined;
}

for (const [name, fail] of Object.entries(FAILURES)) {
  test(`each request of a booking fails once with ${name}, and the fan gets one ticket for one payment`, async ({ service, visitor }) => {
    test.setTimeout(300_000);
    const concert = await service.concert({ policy: CLOSED });
    const { email, token } = await service.newUser();
    const page = await visitor({ email: null });
    await signIn(page, email);
    page.setDefaultTimeout(3000);
    const failed = await failEach(page, REQUESTS, [fail]);
    let isOpen = false;
    const steps = {
      // The booking is loaded as from a link that was sent.
      book: () => page.goto(`/pages/concerts/${concert.id}/book`),
      line: async () => {
        if (isOpen || !failed.includes('stream of the place')) return;
        isOpen = true;
        await service.updateRoom(concert, { capacity: 10 });
      },
      pay: (offer) => failed.includes('poll of the place') && offer.click(),
    };
    await page.goto(`/pages/concerts/${concert.id}`);

    const taken = [];
    await expect.poll(async () => {
      const step = await nextStep(page, email, steps);
      if (step && step !== taken.at(-1)) taken.push(step);
      return step;
    }, { message: 'the ticket', timeout: 200_000, intervals: [300] }).toBe('ticket');

    const expected = Object.keys(REQUESTS).filter((kind) => kind !== 'signing in');
    expect(failed).toEqual(expect.arrayContaining(expected));
    const { items } = await service.call('GET', '/reservations', { token });
    expect(items.map((item) => item.status)).toEqual(['CONFIRMED']);
    const history = await service.call('GET', '/points/history', { token });
    expect(history.items.map((entry) => entry.kind)).toEqual(['USE', 'CHARGE']);
    expect((await service.call('GET', '/points', { token })).balance).toBe(0);
    console.log(`${name}: ${taken.join(', ')}`);
  });
}
