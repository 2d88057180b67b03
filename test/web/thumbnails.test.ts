import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Thumbnails } from '../../src/web/thumbnails.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text));
const folder = temporaryFolder();

test('are there again after a start, and what is no picture is left alone', async () => {
  const home = join(folder, 'kept');
  const first = await Thumbnails.open(home);
  expect(await first.read('a')).toBeNull();
  await first.write('a', bytes('picture a'));
  await writeFile(join(home, 'notes.txt'), 'mine');
  const second = await Thumbnails.open(home);
  expect(await second.read('a')).toEqual(bytes('picture a'));
  expect(await second.read('b')).toBeNull();
  expect(await readdir(home)).toContain('notes.txt');
});

test('go when there are too many, those kept longest first', async () => {
  const home = join(folder, 'bounded');
  const thumbnails = await Thumbnails.open(home, 3);
  for (const content of ['a', 'b', 'c', 'd', 'e']) await thumbnails.write(content, bytes(content));
  expect(await readdir(home)).toHaveLength(3);
  expect(await thumbnails.read('b')).toBeNull();
  expect(await thumbnails.read('c')).toEqual(bytes('c'));
});

test('lie in their folder, whatever the content is called', async () => {
  const home = join(folder, 'names');
  const thumbnails = await Thumbnails.open(home);
  await thumbnails.write('../../escaped', bytes('x'));
  expect(await readdir(home)).toHaveLength(1);
  expect(await readdir(folder)).not.toContain('escaped.webp');
});

test('that were deleted, or cannot be written, are no reason not to look', async () => {
  const thumbnails = await Thumbnails.open(join(folder, 'a-file', 'below'));
  await writeFile(join(folder, 'a-file'), 'in the way');
  await thumbnails.write('a', bytes('a'));
  expect(await thumbnails.read('a')).toBeNull();
});
