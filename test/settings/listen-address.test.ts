import { expect, test } from 'vitest';
import { formatListenAddress, parseListenAddress } from '../../src/settings/listen-address.js';

test.each([
  ['9464', '127.0.0.1:9464'],
  ['0.0.0.0:9464', '0.0.0.0:9464'],
  ['scanner-pc.local:80', 'scanner-pc.local:80'],
  ['[::1]:9464', '[::1]:9464'],
  ['0', '127.0.0.1:0'],
])('%s listens at %s', (text, where) => {
  const address = parseListenAddress(text);
  expect(address && formatListenAddress(address)).toBe(where);
});

test.each([
  '',
  'x',
  '65536',
  '-1',
  '::1:9464',
  'localhost',
  'localhost:',
  ':9464',
  '1.5',
  'a b:80',
])('%j is refused', (text) => expect(parseListenAddress(text)).toBeNull());
