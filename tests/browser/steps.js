// Steps of a journey through the pages: each is taken once, and again where the page explains a failure and offers to go on.

import { expect } from './stagedoor.js';

/** A question that no failure may lead to: nothing typed is lost, and no other user is at work. */
const UNEXPECTED = /What you typed is lost|Another user/;

/** Takes the steps of a journey on one page. */
export class Journey {
  /** `passwords` are what the user may have to type: the first that is accepted is taken. */
  constructor(page, email, passwords = ['stagedoor']) {
    Object.assign(this, { page, email, passwords, taken: [], questions: [], signIns: 0 });
    page.on('dialog', async (dialog) => {
      this.questions.push(dialog.message());
      await dialog.accept();
    });
    page.setDefaultTimeout(3000);
  }

  get main() { return this.page.getByRole('main'); }

  /** A button that can be pressed, by its name or as it was found. */
  button(name) {
    const found = typeof name === 'string' ? this.main.getByRole('button', { name, exact: true }) : name;
    return found.and(this.page.locator(':enabled'));
  }

  /**
   * Takes a step. `go` is an address to begin with, `fill` types what is typed once, `press` is the button that sends it, and `done` is what
   * appears when the step is made, or a function that tells whether it is.
   */
  async take({ go, fill, press, done }) {
    if (go) await this.page.goto(go);
    if (fill) await fill(this.page);
    this.wasPressed = false;
    await expect.poll(() => this.next({ press, done }), { message: `${go ?? press ?? 'what follows'}: ${done}`, timeout: 40_000, intervals: [100] }).toBe('done');
    expect(this.questions.filter((question) => UNEXPECTED.test(question))).toEqual([]);
  }

  /** The offers of the page, and how each is accepted. A button is pressed again only where the page says what happened, or after a sign-in. */
  offers({ press, done }) {
    const { main } = this;
    const pressed = async () => {
      this.wasPressed = true;
      await this.button(press).click();
    };
    return [
      ['sign in', main.getByRole('heading', { name: 'Sign in', exact: true }), () => this.signIn()],
      ['ask to sign in', main.getByRole('link', { name: 'Sign in', exact: true }), (offer) => offer.click()],
      ['try again', this.button('Try again'), (offer) => offer.click()],
      ['done', done, () => {}],
      ...(press ? [[press, this.wasPressed ? main.getByRole('alert') : this.button(press), pressed]] : []),
    ];
  }

  async next(step) {
    for (const [name, offer, accept] of this.offers(step)) {
      const isThere = typeof offer === 'function' ? offer() : await offer.first().isVisible();
      if (!isThere) continue;
      // An offer that disappears by itself was none.
      await Promise.resolve(accept(offer.first?.())).catch((error) => { if (!/Timeout/.test(error.message)) throw error; });
      this.taken.push(name);
      return name;
    }
    return undefined;
  }

  async signIn() {
    const { main, passwords } = this;
    const password = passwords[this.signIns % passwords.length];
    this.signIns += 1;
    this.wasPressed = false;
    const form = main.locator('form').filter({ has: this.page.getByLabel('Password', { exact: true }) }).last();
    await form.getByLabel('E-mail').fill(this.email);
    await form.getByLabel('Password').fill(password);
    const answer = this.page.waitForResponse((response) => response.url().endsWith('/sessions'));
    await form.getByRole('button', { name: 'Sign in' }).click();
    await answer;
  }
}
