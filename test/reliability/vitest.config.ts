import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The long forms, which `npm test` leaves out: `npm run test:reliability`. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/reliability/*.slow.test.ts'],
    fileParallelism: false,
    disableConsoleIntercept: true,
  },
});
