// A mail server that others wrote (aiosmtpd), and the e-mails that it gets.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = join(import.meta.dirname, '../mail/server');

export class MailServer {
  /** Starts one on a free port. */
  static async start() {
    const server = new MailServer();
    server.process = spawn(PROGRAM, ['plain'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: server.process.stdout })[Symbol.asyncIterator]();
    server.lines = lines;
    server.port = (await server.#told()).port;
    return server;
  }

  async #told() {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the mail server ended');
    return JSON.parse(value);
  }

  /** The settings of a service that sends its e-mail there. */
  settings() {
    return {
      STAGEDOOR_SMTP_URL: `smtp://127.0.0.1:${this.port}`,
      STAGEDOOR_MAIL_FROM: 'Stagedoor <tickets@stagedoor.test>',
      STAGEDOOR_PUBLIC_URL: 'https://stagedoor.test',
    };
  }

  /** The next e-mail to an address. */
  async next(email) {
    for (;;) {
      const mail = await this.#told();
      if (mail.recipients.includes(email)) return mail;
    }
  }

  /** The path of the link in the next e-mail to an address, with what is behind its `#`. */
  async link(email) {
    const { parts } = await this.next(email);
    const { content } = parts.find(({ type }) => type === 'text/plain');
    return content.match(/https:\/\/stagedoor\.test(\/\S+)/)[1];
  }

  stop() { this.process.kill(); }
}
