import { defineConfig } from 'vitest/config';

const program = 'test/end-to-end/**/*.test.ts';
const gpu = 'test/**/*.gpu.test.ts';
const readers = 'test/**/*.readers.test.ts';
const browser = 'test/**/*.browser.test.ts';
const slow = 'test/**/*.slow.test.ts';

/** What runs where no `--project` is named: the others take minutes to hours. Vitest reads it, its types leave it out. */
const unlessNamed = { project: 'unit' };

export default defineConfig({
  test: {
    ...unlessNamed,
    // By default package.json too: then each change of a script would run all.
    forceRerunTriggers: ['**/vitest.config.ts'],
    tags: [{ name: 'long', description: 'Takes many seconds: npm run check leaves it out.' }],
    coverage: { include: ['src/**'], reporter: ['text'], reportOnFailure: true },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}', 'packages/*/test/**/*.test.ts'],
          exclude: [program, gpu, readers, browser, slow, '**/node_modules/**'],
          testTimeout: 30_000,
        },
      },
      {
        // The real program as a child process; what it runs is dist/.
        test: { name: 'program', include: [program], testTimeout: 30_000 },
      },
      {
        // What computes on a GPU, a software one where there is no card.
        test: { name: 'gpu', include: [gpu], testTimeout: 30_000 },
      },
      {
        // What other programs make of exports: NumPy, nibabel, dcmtk.
        test: { name: 'readers', include: [readers], testTimeout: 30_000 },
      },
      {
        // The page in a real browser, on the real program.
        test: { name: 'browser', include: [browser], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        // Kills, faults, scale, memory, soak: one after the other, each saying how it gets on.
        test: {
          name: 'slow',
          include: [slow],
          fileParallelism: false,
          disableConsoleIntercept: true,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
