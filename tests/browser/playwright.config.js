import { defineConfig } from '@playwright/test';

const output = '../../target/browser';

export default defineConfig({
  testDir: '.',
  outputDir: `${output}/results`,
  fullyParallel: true,
  workers: 2,
  // A guard against a test that hangs, not a measure: on a machine with other work everything takes several times as long.
  timeout: 240_000,
  expect: { timeout: 30_000 },
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
