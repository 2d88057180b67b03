import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}', 'packages/*/test/**/*.test.ts'],
    exclude: ['**/*.slow.test.ts', '**/*.gpu.test.ts', 'test/end-to-end/**', '**/node_modules/**'],
    coverage: { include: ['src/**'], reporter: ['text'], reportOnFailure: true },
    testTimeout: 30_000,
  },
});
