import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { Program } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const images = Number(process.env.IMAGES ?? 1000);
const formats = ['npy', 'coco', 'labelme', 'onnx', 'tfjs', 'keras'];
const preload = fileURLToPath(new URL('../support/loop-holds.mjs', import.meta.url));

it.skipIf(!existsSync('/proc/self/schedstat'))(
  `keeping exports of ${images} images current holds nothing else up for over 50 ms`,
  async () => {
    const folder = temporaryFolder();
    const raw = join(folder, 'raw');
    const holdsFile = join(folder, 'holds.json');
    await smallDataSet(raw, { subjects: 3, perSubject: 4, test: images });
    const program = new Program(
      [
        ...['watch', '--json', '--raw', raw, '--store', join(folder, 'store'), '--epochs', '1'],
        ...smallAndQuick,
        ...['--export', formats.join(','), '--export-to', join(folder, 'export')],
      ],
      { NODE_OPTIONS: `--import=${preload}`, HOLDS: holdsFile },
    );
    await program.next('caught-up');
    const since = Date.now();
    await program.next('export.written', 0, ({ format }) => format === formats.at(-1));
    program.signal('SIGINT');
    await program.exited;
    const all = JSON.parse(readFileSync(holdsFile, 'utf8')) as { at: number; ms: number }[];
    const holds = all.filter(({ at }) => at >= since).map(({ ms }) => Math.round(ms));
    holds.sort((a, b) => b - a);
    console.log(`longest holds, ms: ${holds.slice(0, 5).join(', ') || 'none over 10'}`);
    expect(holds[0] ?? 0).toBeLessThanOrEqual(50);
  },
  300_000,
);
