import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { startBrowser } from '../support/browser.js';

/** One browser for the file, a page of its own for each test. */
export interface OpenPage {
  page: Page;
  /** What the page asked for, of anywhere. */
  readonly requests: string[];
  /** What it complained about; anything left in it fails the test. */
  readonly faults: string[];
}

export function pageOfEachTest(): OpenPage {
  let browser: Browser;
  const open: OpenPage = { page: undefined as unknown as Page, requests: [], faults: [] };
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => await browser?.close());
  beforeEach(async () => {
    open.requests.length = 0;
    open.faults.length = 0;
    open.page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    open.page.setDefaultTimeout(10_000);
    open.page.on('request', (request) => open.requests.push(request.url()));
    open.page.on('pageerror', ({ message }) => open.faults.push(message));
    open.page.on('console', (message) => {
      if (message.type() === 'error') open.faults.push(message.text());
    });
  });
  afterEach(async () => {
    await open.page.close();
    expect(open.faults).toEqual([]);
  });
  return open;
}

/** The tiles that are drawn; the options of a filter are none. */
export function tilesOf(page: Page, name?: RegExp): Locator {
  const list = page.getByRole('listbox', { name: 'Images' });
  return list.getByRole('option', name ? { name } : {});
}

/** The ids of the tiles that are drawn, in the order of the list. */
export async function drawnIds(page: Page): Promise<string[]> {
  const tiles = await tilesOf(page).evaluateAll((all) =>
    all.map((tile) => ({
      at: Number(tile.getAttribute('aria-posinset')),
      id: tile.getAttribute('aria-label')!.split(',')[0]!,
    })),
  );
  return tiles.sort((one, other) => one.at - other.at).map(({ id }) => id);
}

/** How many pixels of the viewer's picture are grey, and how many have the colour of a mask. */
export async function pixelsOfPicture(page: Page): Promise<{ grey: number; coloured: number }> {
  return await page.locator('canvas.picture').evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const context = (element as HTMLCanvasElement).getContext('2d')!;
    const { data } = context.getImageData(0, 0, width, height);
    let [grey, coloured] = [0, 0];
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] === 0) continue;
      const apart = Math.abs(data[at]! - data[at + 1]!) + Math.abs(data[at + 1]! - data[at + 2]!);
      if (apart < 12) grey++;
      else coloured++;
    }
    return { grey, coloured };
  });
}
