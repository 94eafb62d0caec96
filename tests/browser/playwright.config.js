import { defineConfig } from '@playwright/test';

const output = '../../target/browser';

export default defineConfig({
  testDir: '.',
  outputDir: `${output}/results`,
  fullyParallel: true,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // Chromium's own sandbox does not start as root.
      chromiumSandbox: process.getuid() !== 0,
    },
  },
});
