// Takes the pictures of the web page for the docs, from a real run:
//
//     node scripts/screenshots.mjs [raw folder] [--out docs/images] [--epochs 12]
//
// Trains and predicts on the folder, or on images that it draws, as the demo does, into a store of its own, opens the page in Debian's Chromium and
// writes gallery and viewer, dark and light, as PNG of 16 colours. Needs a built program and page
// (npm run setup) and Chromium (node scripts/debian-packages.mjs browser).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { writeSyntheticDataSet } from '../dist/synthetic/data-set.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: join(root, 'docs', 'images') },
    epochs: { type: 'string', default: '12' },
  },
});

const home = mkdtempSync(join(tmpdir(), 'nerveflow-screenshots-'));
const raw = positionals[0] ?? join(home, 'raw');
if (positionals.length === 0) {
  const size = { height: 420, width: 580 };
  const counts = { subjects: 6, perSubject: 8, test: 24, emptyShare: 0.3 };
  await writeSyntheticDataSet(raw, { ...counts, size, seed: 7 });
}
const folders = ['--raw', raw, '--store', join(home, 'store'), '--epochs', values.epochs];
const program = spawn(
  process.execPath,
  [join(root, 'dist', 'cli.js'), 'watch', ...folders, '--web', '0', '--json'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
let browser;
try {
  const url = await allPredicted();
  mkdirSync(values.out, { recursive: true });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  for (const colorScheme of ['dark', 'light']) await takeBoth(url, colorScheme);
} finally {
  await browser?.close();
  if (program.exitCode === null) {
    program.kill('SIGTERM');
    await once(program, 'exit');
  }
  rmSync(home, { recursive: true, force: true });
}

/** The page's address, once every image has its mask. */
async function allPredicted() {
  let url;
  for await (const line of createInterface({ input: program.stdout })) {
    const event = JSON.parse(line);
    if (event.type === 'web.listening') url = event.url;
    if (event.type === 'caught-up' && event.pending === 0) return url;
  }
  throw new Error('The program ended before all images had their masks.');
}

async function takeBoth(url, colorScheme) {
  const page = await browser.newPage({ viewport: { width: 1152, height: 720 }, colorScheme });
  await page.goto(`${url}?split=test`);
  await allOutlined(page);
  await take(page, `web-gallery-${colorScheme}`);
  // The one that the model is surest of.
  await page.goto(`${url}?split=test&empty=no&sort=uncertainty`);
  await allOutlined(page);
  await page.keyboard.press('Enter');
  await page.locator('canvas.picture').waitFor();
  await page.getByText('Measures').waitFor();
  await take(page, `web-viewer-${colorScheme}`);
  await page.close();
}

/** Pictures come first, their masks after them. */
async function allOutlined(page) {
  await page.locator('.tile').first().waitFor();
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.tile img')].every((picture) => picture.complete),
  );
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.tile')]
      .filter((tile) => !/empty|not predicted/.test(tile.ariaLabel))
      .every((tile) => {
        const { width, height } = tile.querySelector('canvas');
        const { data } = tile
          .querySelector('canvas')
          .getContext('2d')
          .getImageData(0, 0, width, height);
        return data.some((value) => value > 0);
      }),
  );
}

async function take(page, name) {
  const small = await sharp(await page.screenshot())
    .png({ palette: true, colours: 16, dither: 0, compressionLevel: 9 })
    .toBuffer();
  const path = join(values.out, `${name}.png`);
  writeFileSync(path, small);
  console.error(`${path}: ${Math.round(small.length / 1024)} KB`);
}
