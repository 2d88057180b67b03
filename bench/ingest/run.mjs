// Taking files in: nerveflow (read, hash, decode, resize, LevelDB) and OpenCV in two Python processes
// (read, decode, resize), by turns on the same 300 LZW TIFFs of 420x580, so that whatever else the
// machine does troubles both alike. Needs `npm run build` and Debian's python3-opencv.
//
//   node bench/ingest/run.mjs [--rounds 7] [--size 64x80] [--python /usr/bin/python3] [--json]
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openStore } from '../../dist/store/open-store.js';
import { makeIntake } from '../../dist/streams/make-intake.js';
import { scanFolder } from '../../dist/streams/scan-folder.js';
import { takeInOnce } from '../../dist/streams/take-in-once.js';
import { writeSyntheticDataSet } from '../../dist/synthetic/data-set.js';

const { values: o } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    size: { type: 'string', default: '64x80' },
    python: { type: 'string', default: '/usr/bin/python3' },
    json: { type: 'boolean', default: false },
  },
});
const [height, width] = o.size.split('x').map(Number);
const folder = await mkdtemp(join(tmpdir(), 'nerveflow-ingest-'));
const raw = join(folder, 'raw');
const files = 300;
await writeSyntheticDataSet(raw, {
  subjects: 10,
  perSubject: 10,
  test: 100,
  emptyShare: 0.5,
  size: { height: 420, width: 580 },
  seed: 1,
});

const peer = spawn(
  o.python,
  [
    fileURLToPath(new URL('../peers/ingest_cv2.py', import.meta.url)),
    raw,
    '--size',
    o.size,
    '--rounds',
    '0',
  ],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();

async function opencv() {
  peer.stdin.write('go\n');
  const { value, done } = await answers.next();
  if (done) throw new Error('the peer did not answer');
  return JSON.parse(value).filesPerSecond;
}

async function nerveflow(round) {
  const store = await openStore(join(folder, `store-${round}`), 'bench');
  const intake = makeIntake(
    { raw, size: { height, width }, settle: 0 },
    store.catalog,
    store.paths,
    {
      signals$: scanFolder(raw),
      reconcileEveryMs: 0,
    },
  );
  const started = performance.now();
  await takeInOnce(intake, () => {});
  const seconds = (performance.now() - started) / 1000;
  await store.close();
  return files / seconds;
}

const rates = { nerveflow: [], opencv: [] };
// The first round of each warms up.
for (let round = 0; round <= Number(o.rounds); round++) {
  const own = await nerveflow(round);
  const theirs = await opencv();
  if (round === 0) continue;
  rates.nerveflow.push(own);
  rates.opencv.push(theirs);
}
peer.stdin.end();
await rm(folder, { recursive: true, force: true });

const spread = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], min: sorted[0], max: sorted.at(-1) };
};
const figures = { files, nerveflow: spread(rates.nerveflow), opencv: spread(rates.opencv) };
if (o.json) console.log(JSON.stringify(figures));
else {
  for (const who of ['nerveflow', 'opencv']) {
    const { median, min, max } = figures[who];
    console.log(
      `${who.padEnd(10)} ${median.toFixed(0)} files/s (${min.toFixed(0)} to ${max.toFixed(0)})`,
    );
  }
}
