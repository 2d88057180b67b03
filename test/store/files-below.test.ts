import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesBelow, removeFolder } from '../../src/store/files-below.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const home = temporaryFolder();

test('what lies below a folder is found, and removed with it; a link goes, not where it leads', async () => {
  const folder = join(home, 'export');
  mkdirSync(join(folder, 'a', 'b'), { recursive: true });
  mkdirSync(join(home, 'elsewhere'));
  writeFileSync(join(home, 'elsewhere', 'kept'), 'x');
  symlinkSync(join(home, 'elsewhere'), join(folder, 'a', 'link'));
  for (let nth = 0; nth < 200; nth++) writeFileSync(join(folder, 'a', 'b', `${nth}.json`), '{}');
  const found = await filesBelow(folder);
  expect(found.filter(({ isFolder }) => isFolder).map(({ name }) => name)).toEqual(['a', 'a/b']);
  expect(found).toHaveLength(203);
  await removeFolder(folder);
  expect(existsSync(folder)).toBe(false);
  expect(existsSync(join(home, 'elsewhere', 'kept'))).toBe(true);
  expect(await filesBelow(folder)).toEqual([]);
  await removeFolder(folder);
});
