import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Program } from '../support/program.js';
import { smallAndQuick } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { tiffFile } from '../support/tiff-file.js';

const half = Number(process.env.FILES ?? 50_000);
const size = { height: 20, width: 24 };

it(`memory stays flat: ${2 * half} files take hardly more than ${half}`, async () => {
  const folder = temporaryFolder();
  const raw = join(folder, 'raw');
  for (const split of ['train', 'test']) mkdirSync(join(raw, split), { recursive: true });
  const args = ['--json', '--raw', raw, '--store', join(folder, 'store'), ...smallAndQuick];
  const program = new Program(['watch', ...args, '--retrain', 'never']);
  await program.next('caught-up');
  const rss: number[] = [];
  for (const start of [0, half]) {
    const from = program.events.length;
    let ingested = 0;
    for (let number = start + 1; number <= start + half; number++) {
      const bytes = tiffFile(size, [number & 255, (number >> 8) & 255, number >> 16]);
      writeFileSync(join(raw, 'test', `${number}.tif`), bytes);
    }
    await program.next('item.ingested', from, () => ++ingested === half);
    await program.next('caught-up', from);
    const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
    rss.push(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
  }
  console.log(`RSS after ${half} and ${2 * half} files, MB: ${rss.map(Math.round).join(' ')}`);
  program.signal('SIGKILL');
  await program.exited;
  expect(rss[1]! / rss[0]!).toBeLessThan(1.1);
}, 3_600_000);
