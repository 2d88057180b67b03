import { defineConfig } from 'vite';

/** The page as files beside the program; nothing in it asks anything of anywhere else. */
export default defineConfig({
  root: import.meta.dirname,
  build: { outDir: '../dist/page', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: false },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
