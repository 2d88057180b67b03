import { createRequire } from 'node:module';

/** This program's, from its package.json. */
export const version: string = (
  createRequire(import.meta.url)('../package.json') as { version: string }
).version;
