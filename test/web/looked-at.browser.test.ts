import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithBrowser } from '../support/browser.js';
import { Program, run } from '../support/program.js';
import { imageBytes, RawFolder } from '../support/raw-folder.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { tiffOfPages } from '../support/tiff-pages.js';
import { drawnIds, pageOfEachTest, pixelsOfPicture, tilesOf } from './page-of-each-test.js';

const images = 1200;
const frames = 5;

describeWithBrowser('the page of a store that no program works on', () => {
  const open = pageOfEachTest();
  const empty = temporaryFolder();
  let folder: RawFolder;
  let program: Program;
  let url = '';

  beforeAll(async () => {
    folder = await RawFolder.make();
    for (let nth = 1; nth <= images; nth++) await folder.image(`test/${nth}.tif`, nth);
    await folder.pairs(2, 3);
    await folder.write('test/5000.tif', loop());
    const folders = ['--raw', folder.raw, '--store', folder.store];
    expect((await run(['ingest', ...folders, '--json'])).code).toBe(0);
    program = new Program(['web', ...folders, '--web', '0', '--json']);
    ({ url } = await program.next('web.listening'));
  }, 120_000);
  afterAll(async () => {
    program.signal('SIGTERM');
    await program.exited;
    await folder.delete();
  });

  const total = images + frames + 6;

  test('says that nothing runs and that there is no model, and asks nothing of elsewhere', async () => {
    const { page, requests } = open;
    await page.goto(url);
    await page.getByText(`${total} images`).waitFor();
    await page.getByText(/program is not running/).waitFor();
    await page.getByText(/no model yet/).waitFor();
    expect(requests.filter((asked) => !asked.startsWith(url))).toEqual([]);
  });

  test('draws the tiles that are seen and no more, to the end of the list', async () => {
    const { page } = open;
    await page.goto(`${url}?split=test`);
    await tilesOf(page, /^1,/).waitFor();
    expect((await drawnIds(page)).length).toBeLessThan(80);
    await page.keyboard.press('End');
    const last = page.locator(`[aria-posinset="${images + frames}"][aria-selected=true]`);
    await last.waitFor();
    await page.waitForFunction(
      (at) =>
        !/not loaded/.test(
          document.querySelector(`[aria-posinset="${at}"]`)?.ariaLabel ?? 'not loaded',
        ),
      images + frames,
    );
    expect((await drawnIds(page)).length).toBeLessThan(80);
    await page.keyboard.press('Home');
    await page.locator('[aria-posinset="1"][aria-selected=true]').waitFor();
  });

  test('keeps filters and the open image in the address, for others and for Back', async () => {
    const { page } = open;
    await page.goto(url);
    await page.getByText(`${total} images`).waitFor();
    await page.getByLabel('Show').selectOption('labelled');
    await page.getByText(/^6 images/).waitFor();
    await page.getByLabel('Subject').fill('2');
    await page.getByText(/^3 images/).waitFor();
    await page.getByRole('button', { name: /reverse/ }).click();
    await tilesOf(page, /^2_3,/).waitFor();
    expect(await drawnIds(page)).toEqual(['2_3', '2_2', '2_1']);
    await tilesOf(page, /^2_2,/).click();
    await page.getByRole('img', { name: /2_2/ }).waitFor();

    const other = await page.context().browser()!.newPage();
    await other.goto(page.url());
    await other.getByRole('img', { name: /2_2/ }).waitFor();
    await other.close();

    await page.goBack();
    await page.getByText(/^3 images/).waitFor();
    expect(await drawnIds(page)).toEqual(['2_3', '2_2', '2_1']);
  });

  test('shows the true mask, hides it, and fills it', async () => {
    const { page } = open;
    await page.goto(`${url}?split=train`);
    await tilesOf(page).first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('canvas.picture').waitFor();
    const coloured = async () => (await pixelsOfPicture(page)).coloured;
    await expect.poll(coloured).toBeGreaterThan(50);
    const outlined = await coloured();
    await page.keyboard.press('t');
    await expect.poll(coloured).toBeLessThan(outlined / 10);
    await page.keyboard.press('t');
    await page.keyboard.press('o');
    await expect.poll(coloured).toBeGreaterThan(2 * outlined);
  });

  test('zooms by keys and by the wheel, and shows all of it again', async () => {
    const { page } = open;
    await page.goto(`${url}?split=train`);
    await tilesOf(page).first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('canvas.picture').waitFor();
    await page.keyboard.press('o');
    await page.keyboard.press('o');
    const covered = async () => (await pixelsOfPicture(page)).grey;
    await expect.poll(covered).toBeGreaterThan(10_000);
    const whole = await covered();
    for (let nth = 0; nth < 3; nth++) await page.keyboard.press('-');
    await expect.poll(covered).toBeLessThan(0.7 * whole);
    await page.keyboard.press('0');
    await expect.poll(covered).toBe(whole);
    await page.locator('canvas.picture').hover();
    await page.mouse.wheel(0, 400);
    await expect.poll(covered).toBeLessThan(0.7 * whole);
    await page.keyboard.press('0');
    await expect.poll(covered).toBe(whole);
  });

  test('steps through the frames of a loop and plays it', async () => {
    const { page } = open;
    await page.goto(`${url}?text=5000`);
    await page.getByText(`${frames} images`).waitFor();
    await tilesOf(page, /^5000#1,/).click();
    const at = (nth: number) => page.getByText(`frame ${nth} of ${frames}`).waitFor();
    await at(1);
    await page.keyboard.press('.');
    await at(2);
    await page.keyboard.press(',');
    await at(1);
    await page.keyboard.press(',');
    await at(frames);
    const played = framesShown(page);
    await page.keyboard.press(' ');
    await played;
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Play' }).waitFor();
  });

  test.each([
    ['a small window', 1024, 700],
    ['a tablet held upright', 820, 1180],
    ['a very large screen', 3840, 2160],
  ])('fits into %s', async (_, width, height) => {
    const { page } = open;
    await page.setViewportSize({ width, height });
    await page.goto(`${url}?split=train`);
    await tilesOf(page).first().waitFor();
    const isWide = () =>
      page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
    expect(await isWide()).toBe(false);
    await page.keyboard.press('Enter');
    await page.locator('canvas.picture').waitFor();
    expect(await isWide()).toBe(false);
    const { width: wide, height: high } = (await page.locator('canvas.picture').boundingBox())!;
    expect(Math.min(wide, high)).toBeGreaterThan(350);
  });

  test('tells what to do where there is no image', async () => {
    const { page } = open;
    const [raw, store] = [join(empty, 'raw'), join(empty, 'store')];
    mkdirSync(raw);
    await run(['ingest', '--raw', raw, '--store', store, '--json']);
    const bare = new Program(['web', '--raw', raw, '--store', store, '--web', '0', '--json']);
    await page.goto((await bare.next('web.listening')).url);
    await page.getByText(/No image yet.*nerveflow watch/).waitFor();
    bare.signal('SIGTERM');
    await bare.exited;
    // The page has no server any more.
    open.faults.length = 0;
  });
});

/** Resolves when every frame of the loop has been on the board. */
async function framesShown(page: Page): Promise<void> {
  await page.evaluate(
    async (all) =>
      await new Promise<void>((resolve) => {
        const board = document.querySelector<HTMLElement>('.board')!;
        const shown = new Set<string | undefined>();
        const observer = new MutationObserver(() => {
          shown.add(board.dataset.shown);
          if (shown.size === all) resolve();
        });
        observer.observe(board, { attributes: true });
      }),
    frames,
  );
}

function loop(): Uint8Array {
  const size = { height: 20, width: 24 };
  const pages = Array.from({ length: frames }, (_, nth) => {
    const pixels = imageBytes(900 + nth, size).slice(-size.height * size.width);
    return { ...size, pixels, bits: 8 };
  });
  return tiffOfPages(pages);
}
