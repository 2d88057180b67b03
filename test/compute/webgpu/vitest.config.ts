import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** What computes on an adapter, a software one where there is no card: `npm run test:gpu`. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    include: ['test/**/*.gpu.test.ts'],
    testTimeout: 30_000,
  },
});
