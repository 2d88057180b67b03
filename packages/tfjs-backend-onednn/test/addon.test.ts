import { expect, it } from 'vitest';
import { nativeSources } from '../scripts/native_sources.mjs';
import { openAddon } from '../src/addon.js';

const stale = /^the native addon was built from other sources .* npm rebuild tfjs-backend-onednn$/;

it('takes a build of its own sources', () => {
  const addon = { sources: nativeSources };
  expect(openAddon(() => addon, nativeSources)).toEqual({ addon });
  expect(nativeSources()).toMatch(/^[0-9a-f]{16}$/);
});

it.each([
  ['one from before builds said what they were made of', { version: () => '2.6.3' }],
  ['one of other sources', { version: () => '2.6.3', sources: () => '0123456789abcdef' }],
])('refuses a stale build before it computes anything: %s', (_, addon) => {
  expect(openAddon(() => addon, nativeSources)).toEqual({
    failure: expect.stringMatching(stale),
  });
});

it('says in one line why a build does not load', () => {
  const load = () => {
    throw new Error('libdnnl.so.2: cannot open shared object file\nand more');
  };
  expect(openAddon(load, nativeSources)).toEqual({
    failure: 'the native addon does not load: libdnnl.so.2: cannot open shared object file',
  });
});
