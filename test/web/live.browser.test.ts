import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithBrowser } from '../support/browser.js';
import { Program } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { pageOfEachTest, tilesOf } from './page-of-each-test.js';

describeWithBrowser('the page of a program that works, in the order of its life', () => {
  const open = pageOfEachTest();
  const folder = temporaryFolder();
  const raw = join(folder, 'raw');
  let program: Program;
  let url = '';

  async function start(port: string): Promise<void> {
    const args = ['watch', '--raw', raw, '--store', join(folder, 'store'), '--epochs', '12'];
    program = new Program([...args, '--web', port, '--json', ...smallAndQuick]);
    ({ url } = await program.next('web.listening'));
  }
  beforeAll(async () => {
    await mkdir(raw);
    await smallDataSet(raw, { subjects: 3, perSubject: 6, test: 6 });
  });
  afterAll(async () => {
    program?.signal('SIGTERM');
    await program?.exited;
  });

  test('tells of epochs, then of masks, without being asked again', async () => {
    const { page } = open;
    await start('0');
    await page.goto(url);
    await page.getByText(/epoch \d+ of 12/).waitFor();
    await page.getByText('6 of 6 predicted').waitFor();
    await tilesOf(page, /^1, (empty|\d)/).waitFor();
    await page.getByText(/model fast.*Dice \d/).waitFor();
  });

  test('shows the new picture of an image that is replaced', async () => {
    const { page } = open;
    await page.goto(`${url}?split=test`);
    const picture = tilesOf(page, /^2, /).locator('img');
    await picture.waitFor();
    await page.getByText('6 of 6 predicted').waitFor();
    const before = await picture.getAttribute('src');
    await copyFile(join(raw, 'train', '1_1.tif'), join(raw, 'test', '2.tif'));
    await expect.poll(() => picture.getAttribute('src'), { timeout: 20_000 }).not.toBe(before);
    await page.getByText('6 images').waitFor();
  });

  test('says that the program is gone, and goes on when it is back', async () => {
    const { page, faults } = open;
    const asked = page.waitForResponse(/status/);
    await page.goto(`${url}?split=test`);
    await asked;
    // Asked again when the events flow; then the page is at rest.
    await page.waitForResponse(/status/);
    await tilesOf(page).first().waitFor();
    program.signal('SIGKILL');
    await program.exited;
    await page.getByRole('alert').waitFor();
    expect(await tilesOf(page).count()).toBe(6);
    await start(new URL(url).port);
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.getByText('6 of 6 predicted').waitFor();
    // Of the requests that nobody answered meanwhile.
    expect(
      faults.filter((fault) => !/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/.test(fault)),
    ).toEqual([]);
    faults.length = 0;
  });
});
