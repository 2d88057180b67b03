import { copyFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWithBrowser, startBrowser } from '../support/browser.js';
import { Program } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

describeWithBrowser('the page, on a program that watches', () => {
  const folder = temporaryFolder();
  const raw = join(folder, 'raw');
  let program: Program;
  let browser: Browser;
  let page: Page;
  let url = '';
  const faults: string[] = [];

  beforeAll(async () => {
    await mkdir(raw, { recursive: true });
    await smallDataSet(raw, { subjects: 3, perSubject: 4, test: 9 });
    const store = join(folder, 'store');
    const args = ['watch', '--raw', raw, '--store', store, '--web', '0', '--epochs', '3'];
    program = new Program([...args, '--json', ...smallAndQuick]);
    ({ url } = await program.next('web.listening'));
    await program.next('caught-up', 0, ({ pending }) => pending === 0);
    browser = await startBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    program.signal('SIGTERM');
    await program.exited;
  });
  beforeEach(async () => {
    faults.length = 0;
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  });
  afterEach(async () => {
    await page.context().close();
    expect(faults).toEqual([]);
  });

  const tiles = () => page.locator('.tile');
  const tile = (id: string) => page.getByRole('option', { name: new RegExp(`^${id},`) });

  test('shows all images with their outlines, sorts and leaves out, and keeps that in the address', async () => {
    await page.goto(url);
    await tile('9').waitFor();
    await page.getByText('21 images').waitFor();
    await page.getByText('9 of 9 predicted').waitFor();
    expect(await tile('1_1').getAttribute('aria-label')).toBe('1_1, labelled');

    await page.getByLabel('Show').selectOption('to predict');
    await page.getByText('9 images').waitFor();
    await page.getByLabel('Sort by').selectOption('uncertainty');
    await page.waitForURL(/sort=uncertainty/);
    await page.waitForFunction(() => {
      const said = [...document.querySelectorAll('.tile')].map((each) =>
        Number(/uncertainty ([\d.]+)/.exec(each.getAttribute('aria-label') ?? '')?.[1]),
      );
      return said.length === 9 && said.every((value, at) => at === 0 || said[at - 1]! >= value);
    });
    await page.reload();
    await page.getByText('9 images').waitFor();
    await page.getByRole('searchbox', { name: 'Name' }).fill('no such name');
    await page.getByText('No image fits').waitFor();
  });

  test('opens an image and goes on, by keys alone', async () => {
    await page.goto(url);
    await tiles().first().waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const shown = () => page.locator('.board').getAttribute('data-shown');
    await page.locator('.board[data-shown]').waitFor();
    const first = await shown();
    await page.keyboard.press('j');
    await page.waitForFunction(
      (before) => document.querySelector('.board')?.getAttribute('data-shown') !== before,
      first,
    );
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.getByText('outline, fill, no mask').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('o');
    await page.getByLabel('fill', { exact: true }).waitFor();
    expect(await page.getByLabel('fill', { exact: true }).isChecked()).toBe(true);
    await page.keyboard.press('k');
    await page.waitForFunction(
      (before) => document.querySelector('.board')?.getAttribute('data-shown') === before,
      first,
    );
    await page.keyboard.press('Escape');
    await tiles().first().waitFor();
    expect(await page.locator('.tile[aria-selected=true]').count()).toBe(1);
    await page.goBack();
    await page.locator('.board[data-shown]').waitFor();
  });

  test('paints the mask where it is', async () => {
    const maskOf = async (key: string) => {
      const answer = await page.request.get(
        `${url}api/v1/masks/${encodeURIComponent(key)}?of=truth`,
      );
      return (await answer.json()) as { rle: string };
    };
    const keys = ['train/1_1', 'train/1_2', 'train/1_3', 'train/1_4'];
    const masks = await Promise.all(keys.map(maskOf));
    const key = keys[masks.findIndex(({ rle }) => rle !== '')]!;
    await page.goto(`${url}?image=${encodeURIComponent(key)}`);
    await page.locator(`.board[data-shown="${key}"] canvas`).waitFor();
    const colours = await page.locator('canvas.picture').evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement;
      const { data } = (element as HTMLCanvasElement)
        .getContext('2d')!
        .getImageData(0, 0, width, height);
      let [grey, coloured] = [0, 0];
      for (let at = 0; at < data.length; at += 4) {
        const [red, green, blue, alpha] = data.subarray(at, at + 4) as unknown as number[];
        if (alpha === 0) continue;
        if (Math.abs(red! - green!) + Math.abs(green! - blue!) < 12) grey++;
        else coloured++;
      }
      return { grey, coloured };
    });
    expect(colours.grey).toBeGreaterThan(10_000);
    expect(colours.coloured).toBeGreaterThan(50);
  });

  test('an image that is dropped is there by itself', async () => {
    await page.goto(`${url}?split=test`);
    await page.getByText('9 images').waitFor();
    copyFileSync(join(raw, 'train', '1_1.tif'), join(raw, 'test', '77.tif'));
    await page.getByText('10 images').waitFor();
    await tile('77').waitFor();
    await page.getByText('10 of 10 predicted').waitFor();
  });

  test.each(['dark', 'light'] as const)('axe has nothing to object to, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(url);
    await tiles().first().waitFor();
    const violations = async () => {
      const { violations: found } = await new AxeBuilder({ page }).analyze();
      return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    };
    expect(await violations()).toEqual([]);
    await page.keyboard.press('Enter');
    await page.locator('.board[data-shown]').waitFor();
    expect(await violations()).toEqual([]);
  });
});
