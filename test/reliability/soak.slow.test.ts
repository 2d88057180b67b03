import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Program } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { FolderLoad } from './folder-load.js';
import { SeededChoice } from './seeded-choice.js';
import { type Sampled, trendOf } from './trend.js';

/** 1.5 are enough to see that it works; what grows slowly shows in 20. */
const minutes = Number(process.env.SOAK_MINUTES ?? 20);
const seed = Number(process.env.SEED ?? 1);
/** Caches fill, code is compiled, the first training is made: no growth that goes on. */
const warmUpShare = 0.25;
const sampleEveryMs = 1000;
const stretchCount = 12;

/** What must not grow, and by how much it may seem to over the whole run. */
const bounds = {
  'RSS of the program, MB': { share: 0.1, least: 8 },
  'RSS of the compute process, MB': { share: 0.1, least: 8 },
  'open handles of the program': { share: 0, least: 3 },
  'open handles of the compute process': { share: 0, least: 3 },
  tensors: { share: 0.02, least: 5 },
  // LevelDB's log alone comes and goes by 4 MB.
  'LevelDB, MB': { share: 0.1, least: 6 },
  'files in models/': { share: 0.1, least: 4 },
} as const;
type Figure = keyof typeof bounds;

it(
  `${minutes} minutes of changes, trainings and predictions leave nothing behind`,
  async () => {
    const folder = temporaryFolder();
    const [raw, pool, store] = ['raw', 'pool', 'store'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await smallDataSet(pool, { subjects: 4, perSubject: 6, test: 20 });
    const choice = new SeededChoice(seed, 'soak');
    const load = new FolderLoad(raw, pool, new SeededChoice(seed, 'load'));
    load.fill(20, 12);
    const metrics = `127.0.0.1:${await freePort()}`;
    const program = new Program([
      ...['watch', '--json', '--raw', raw, '--store', store, '--metrics', metrics],
      ...smallAndQuick,
      ...['--epochs', '2'],
    ]);
    await program.next('train.done');
    const pid = program.pid!;

    const samples = new Map<Figure, Sampled[]>();
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    const stop = new AbortController();
    let changes = 0;
    let hasEnded = false;
    void program.exited.then(() => {
      hasEnded = true;
    });

    /** Bursts with pauses between; every now and then all is asked for once more. */
    const changing = (async () => {
      while (!stop.signal.aborted) {
        for (let left = 1 + choice.below(6); left > 0; left--, changes++) load.step();
        if (choice.happens(0.02)) program.signal('SIGUSR2');
        if (choice.happens(0.05)) program.signal('SIGUSR1');
        await after(choice.below(400), undefined, { signal: stop.signal }).catch(() => {});
      }
    })();

    while (seconds() < minutes * 60 && !hasEnded) {
      await after(sampleEveryMs);
      const figures = await look(pid, store, metrics);
      if (seconds() < minutes * 60 * warmUpShare) continue;
      for (const [figure, value] of Object.entries(figures) as [Figure, number][]) {
        const known = samples.get(figure) ?? [];
        known.push({ at: seconds(), value });
        samples.set(figure, known);
      }
    }
    stop.abort();
    await changing;
    expect(hasEnded).toBe(false);

    load.settle();
    const from = program.events.length;
    await program.next('caught-up', from);
    program.signal('SIGINT');
    expect(await program.exited).toBe(130);
    expect(program.stderr).toBe('');

    const count = (type: Parameters<typeof program.all>[0]) => program.all(type).length;
    const done = `${changes} changes, ${count('item.ingested')} taken in, ${count('item.predicted')} predictions, ${count('train.done')} trainings, ${count('submission.written')} CSVs`;
    console.log(`${minutes} minutes: ${done}`);
    const grown: string[] = [];
    for (const [figure, { share, least }] of Object.entries(bounds)) {
      const known = samples.get(figure as Figure) ?? [];
      expect(known.length, figure).toBeGreaterThan(10);
      const { mean, max, growth, uncertainty } = trendOf(lowestOf(known));
      const words = `${figure}: lowest in each stretch ${round(mean)} on average, ${round(max)} at most, growth ${round(growth)} (± ${round(uncertainty)})`;
      console.log(`  ${words}`);
      if (growth - uncertainty > Math.max(least, share * mean)) grown.push(words);
    }
    expect(grown).toEqual([]);
  },
  minutes * 60_000 + 600_000,
);

async function look(
  pid: number,
  store: string,
  metrics: string,
): Promise<Partial<Record<Figure, number>>> {
  const [compute] = childrenOf(pid);
  const text = await fetch(`http://${metrics}/metrics`).then(
    (answer) => answer.text(),
    () => '',
  );
  const tensors = /^nerveflow_tensors (\d+)/m.exec(text)?.[1];
  return {
    'RSS of the program, MB': rssOf(pid),
    'open handles of the program': handlesOf(pid),
    ...(compute !== undefined && {
      'RSS of the compute process, MB': rssOf(compute),
      'open handles of the compute process': handlesOf(compute),
    }),
    ...(tensors !== undefined && { tensors: Number(tensors) }),
    'LevelDB, MB': bytesIn(join(store, 'cache')) / 2 ** 20,
    'files in models/': readdirSync(join(store, 'models')).length,
  };
}

/**
 * The lowest figure of each of a few stretches of time: what a training or a garbage collection
 * that is due adds for a while is no growth.
 */
function lowestOf(samples: readonly Sampled[]): Sampled[] {
  const length = Math.ceil(samples.length / stretchCount);
  const stretches = Array.from({ length: stretchCount }, (_, nth) =>
    samples.slice(nth * length, (nth + 1) * length),
  );
  return stretches
    .filter((stretch) => stretch.length > 0)
    .map((stretch) => stretch.reduce((a, b) => (b.value < a.value ? b : a)));
}

function rssOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

function handlesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

/** Of files that may go while they are looked at. */
function bytesIn(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder)) {
    bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

async function freePort(): Promise<number> {
  return await new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function round(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 2 : 0);
}
