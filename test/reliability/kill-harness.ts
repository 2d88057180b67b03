import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { vi } from 'vitest';
import type { PipelineEvent } from '../../src/events.js';
import { findResumable } from '../../src/store/checkpoints.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { readRejected } from '../../src/store/rejected-model.js';
import { Program, run } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { FolderLoad } from './folder-load.js';
import { OnDisk } from './power-cut.js';
import { SeededChoice } from './seeded-choice.js';
import {
  csvFault,
  leftovers,
  measurementsFault,
  type StoreContents,
  storeContents,
} from './store-contents.js';

export interface KillPlan {
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
  /** A life without anything to wait for ends after this. */
  readonly longestLifeMs: number;
  readonly epochs: number;
  /** Share of the lives in which the compute process is killed first, by itself. */
  readonly computeDeaths: number;
  /** Share of the lives that end with what was not forced to the disk lost; none when left out. */
  readonly powerCuts?: number;
}

export interface KillReport {
  readonly kills: number;
  /** What the program last said before it was killed, and how often. */
  readonly killedAfter: Readonly<Record<string, number>>;
  readonly computeDeaths: number;
  readonly powerCuts: number;
  readonly changes: number;
  readonly trainings: { readonly started: number; readonly resumed: number };
  /** What must not be: empty. */
  readonly faults: readonly string[];
  /** Sample keys that the folder holds at the end. */
  readonly expectedSamples: readonly string[];
  readonly survivor: StoreContents;
  /** Of a run on the final folder that was never killed, with the same model. */
  readonly fresh: StoreContents;
  readonly leftovers: readonly string[];
}

/** Moments worth dying in: right after the program has said one of these. */
const moments: readonly PipelineEvent['type'][] = [
  'ready',
  'item.ingested',
  'item.removed',
  'train.started',
  'train.step',
  'train.epoch',
  'train.done',
  'item.predicted',
  'submission.written',
  'measurements.written',
  'caught-up',
];

/** What must be whole whenever anybody reads it. */
const rowFiles = [
  ['submission.csv', csvFault],
  ['measurements.csv', measurementsFault],
] as const;

/**
 * Kills the real program over and over while its folder changes, each time at another moment, and
 * starts it again at once; then lets it come to rest, and runs it once on a store of its own.
 */
export async function killOverAndOver(plan: KillPlan): Promise<KillReport> {
  const { folder, kills, seed, longestLifeMs, epochs } = plan;
  const [raw, pool, store, freshStore] = ['raw', 'pool', 'store', 'fresh'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  await smallDataSet(pool, { subjects: 4, perSubject: 6, test: 20 });
  const choice = new SeededChoice(seed, 'kills');
  const load = new FolderLoad(raw, pool, new SeededChoice(seed, 'load'));
  load.fill(20, 12);
  const args = ['--raw', raw, '--store', store, '--json', ...smallAndQuick];
  const training = ['--epochs', `${epochs}`];

  const faults: string[] = [];
  const killedAfter: Record<string, number> = {};
  const trainings = { started: 0, resumed: 0 };
  const resuming = new ResumedTrainings();
  let changes = 0;
  let computeDeaths = 0;
  let powerCuts = 0;
  for (let nth = 0; nth < kills; nth++) {
    const isPowerCut = choice.happens(plan.powerCuts ?? 0);
    const onDisk = isPowerCut && existsSync(store) ? new OnDisk(store, join(folder, 'disk')) : null;
    const program = new Program(['watch', ...args, ...training]);
    const life = new AbortController();
    const changing = keepChanging(load, choice, life.signal);
    if (choice.happens(plan.computeDeaths) && (await killCompute(program, choice))) {
      computeDeaths++;
    }
    await momentOfDeath(program, choice, longestLifeMs);
    const children = childrenOf(program.pid!);
    program.signal('SIGKILL');
    life.abort();
    changes += await changing;
    await program.exited;

    if (onDisk !== null) {
      powerCuts++;
      onDisk.cutPower(choice);
    }
    const last = program.events.at(-1)?.type ?? 'nothing';
    killedAfter[last] = (killedAfter[last] ?? 0) + 1;
    for (const [name, faultOf] of rowFiles) {
      const csv = join(store, name);
      const fault = existsSync(csv) ? faultOf(readFileSync(csv, 'utf8')) : null;
      if (fault !== null) faults.push(`after kill ${nth}: ${name} ${fault}`);
    }
    if (program.stderr !== '') faults.push(`in life ${nth}: ${program.stderr}`);
    faults.push(...resuming.faultsOf(program).map((fault) => `in life ${nth}: ${fault}`));
    await resuming.forgetFinished(join(store, 'models'));
    for (const { reason } of program.all('train.started')) {
      trainings.started++;
      if (reason === 'resumed') trainings.resumed++;
    }
    // Not waited for before the next start: who starts a program again does not either.
    const orphans = vi.waitFor(() => expectGone(children), { timeout: 20_000, interval: 20 });
    if (nth % 10 === 9 || nth === kills - 1) await orphans;
    else orphans.catch((error: Error) => faults.push(`after kill ${nth}: ${error.message}`));
  }

  load.settle();
  const atRest = await run(['watch', '--once', ...args, ...training]);
  if (atRest.code !== 0) faults.push(`the last life ended with ${atRest.code}`);
  if (atRest.program.stderr !== '') faults.push(`in the last life: ${atRest.program.stderr}`);

  mkdirSync(freshStore);
  cpSync(join(store, 'models'), join(freshStore, 'models'), { recursive: true });
  const freshArgs = args.map((arg) => (arg === store ? freshStore : arg));
  const unkilled = await run(['watch', '--once', ...freshArgs, '--retrain', 'never']);
  if (unkilled.code !== 0) faults.push(`the fresh run ended with ${unkilled.code}`);

  return {
    kills,
    killedAfter,
    computeDeaths,
    powerCuts,
    changes,
    trainings,
    faults,
    expectedSamples: load.expectedSamples(),
    survivor: await storeContents(store),
    fresh: await storeContents(freshStore),
    leftovers: leftovers(store),
  };
}

/** Changes come in bursts with pauses between, in which a training can begin. */
async function keepChanging(
  load: FolderLoad,
  choice: SeededChoice,
  signal: AbortSignal,
): Promise<number> {
  let changes = 0;
  while (!signal.aborted) {
    for (let left = 1 + choice.below(6); left > 0; left--, changes++) load.step();
    const pause = choice.happens(0.3) ? 600 : 60;
    await after(choice.below(pause), undefined, { signal }).catch(() => {});
  }
  return changes;
}

/** Some time after the start, or right after something was said. */
async function momentOfDeath(
  program: Program,
  choice: SeededChoice,
  longestLifeMs: number,
): Promise<void> {
  const ms = choice.below(longestLifeMs);
  if (choice.happens(0.3)) return await after(ms);
  const type = choice.one(moments);
  let left = choice.below(6);
  const said = program
    .next(type, 0, () => left-- <= 0)
    .then(
      () => after(choice.below(40)),
      () => {},
    );
  await Promise.race([said, after(longestLifeMs)]);
}

/** Some time after it is ready; false when it has none by then. */
async function killCompute(program: Program, choice: SeededChoice): Promise<boolean> {
  await program.next('ready');
  await after(choice.below(1500));
  const children = childrenOf(program.pid!);
  for (const child of children) process.kill(child, 'SIGKILL');
  return children.length > 0;
}

/** Holds what was said of trainings against what the next life says: it must go on, not start anew. */
class ResumedTrainings {
  /** The last epoch of the training under way that was done. */
  private doneEpoch = 0;
  private runId = '';

  /** Killed when its model stood, but before that was said: there is nothing to go on with. */
  async forgetFinished(models: string): Promise<void> {
    const best = await new ModelRegistry(models).current();
    const rejected = await readRejected(models);
    const standing = best.status === 'found' ? best.value.card.runId : null;
    const isInterim = (await findResumable(models))?.runId === this.runId;
    if ([standing, rejected?.runId].includes(this.runId) && !isInterim) this.doneEpoch = 0;
  }

  faultsOf(program: Program): string[] {
    const faults: string[] = [];
    for (const event of program.events) {
      switch (event.type) {
        case 'train.started':
          if (this.doneEpoch > 0 && event.reason !== 'resumed') {
            faults.push(`after epoch ${this.doneEpoch} a training began as ${event.reason}`);
          }
          this.runId = event.runId;
          break;
        case 'train.step':
          if (event.epoch < this.doneEpoch) {
            faults.push(`after epoch ${this.doneEpoch} epoch ${event.epoch} was done again`);
          }
          break;
        case 'train.epoch':
          this.doneEpoch = event.epoch;
          break;
        case 'train.done':
          this.doneEpoch = 0;
          break;
      }
    }
    return faults;
  }
}

function childrenOf(pid: number): number[] {
  const list = `/proc/${pid}/task/${pid}/children`;
  const text = existsSync(list) ? readFileSync(list, 'utf8') : '';
  return text.split(' ').filter(Boolean).map(Number);
}

function expectGone(pids: readonly number[]): void {
  const alive = pids.filter(isAlive);
  if (alive.length > 0) throw new Error(`the compute process ${alive.join(', ')} outlived it`);
}

function isAlive(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  try {
    // Whoever adopts it may be slow to bury it.
    return !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}
