import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The real program as a child process: `npm run test:program`. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/end-to-end/**/*.test.ts'],
    testTimeout: 30_000,
  },
});
