import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { describe } from 'vitest';

const executablePath = '/usr/bin/chromium';

/** Skips where there is no Chromium, unless NERVEFLOW_EXPECT_BROWSER says that there must be one. */
export const describeWithBrowser = describe.skipIf(
  !process.env.NERVEFLOW_EXPECT_BROWSER && !existsSync(executablePath),
);

/** Asks nothing of any network by itself. */
export async function startBrowser(): Promise<Browser> {
  const quiet = ['background-networking', 'component-update', 'sync'].map(
    (off) => `--disable-${off}`,
  );
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet];
  return await chromium.launch({ executablePath, args });
}
