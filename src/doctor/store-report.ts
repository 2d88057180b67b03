import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Catalog } from '../store/catalog.js';
import { type CacheLook, cacheFormat, openCacheToLook } from '../store/open-cache.js';
import { holderOf, type OpenStore, openStore } from '../store/open-store.js';
import { type StorePaths, storePaths } from '../store/store-paths.js';
import { checkCache } from './check-cache.js';
import { checkLeftovers } from './check-leftovers.js';
import { checkMasks } from './check-masks.js';
import { checkMeasurements } from './check-measurements.js';
import { checkModels, type ModelsLook } from './check-models.js';
import { checkSubmission } from './check-submission.js';
import type { Finding, MendableFinding } from './finding.js';
import { askRunningProgram, type RunningProgram } from './running-program.js';
import { type StoreSizes, sizesOf } from './sizes.js';

/** What the records say; null of a cache that could not be read. */
export interface StoreCounts {
  readonly files: number;
  readonly pairs: number;
  readonly testImages: number;
  readonly pixels: number;
  readonly predictions: number;
}

export type StoreReport =
  | { readonly state: 'none'; readonly path: string }
  | ({
      /** `unwell`: something is wrong; leftovers alone are not. */
      readonly state: 'healthy' | 'unwell' | 'repaired' | 'in-use';
      readonly path: string;
      /** Id of the current model. */
      readonly model: string | null;
      readonly models: number;
      readonly checkpoints: number;
      readonly bytes: StoreSizes;
      readonly findings: readonly Finding[];
      readonly repaired: readonly Finding[];
      /** Where another process holds the store: who, and what it says of itself. */
      readonly holder: string | null;
      readonly running: RunningProgram | null;
      /** What could not be looked at, and why; null when all was. */
      readonly notLookedAt: string | null;
    } & { readonly [K in keyof StoreCounts]: number | null });

/** Findings hide others: rows of nothing have masks, which are of nothing once the rows are gone. */
const mostRounds = 4;

/**
 * Looks through a store without changing it.
 *
 * @param version of this program; one that runs is asked only when it is of the same
 */
export async function examineStore(root: string, version: string): Promise<StoreReport> {
  const path = resolve(root);
  const paths = storePaths(root);
  if (!existsSync(root)) return { state: 'none', path };
  const look = await openCacheToLook(paths.cache);
  switch (look.state) {
    case 'opened': {
      try {
        const catalog = await Catalog.load(look.cache);
        const { findings, models } = await checkAll(catalog, paths);
        const all = [...closing(paths), ...findings];
        return report(paths, { findings: all, models, counts: await countsOf(catalog) });
      } finally {
        await look.cache.close();
      }
    }
    case 'none': {
      const models = await checkModels(paths.models);
      const findings = [...models.findings, ...(await checkLeftovers(paths))];
      const counts = { files: 0, pairs: 0, testImages: 0, pixels: 0, predictions: 0 };
      return report(paths, { findings, models, counts });
    }
    case 'held': {
      const running = await askRunningProgram(root, version);
      // What else lies there may be in its making.
      const models = await checkModels(paths.models);
      const findings = models.findings.filter(({ code }) => code === 'MODEL_UNREADABLE');
      return {
        ...(await report(paths, { findings, models, counts: null })),
        state: 'in-use',
        holder: holderOf(paths) ?? 'another process',
        running,
        notLookedAt:
          'the cache, and whether masks, submission.csv and measurements.csv agree with it: only one process can read it at a time',
      };
    }
    case 'damaged':
    case 'failed':
    case 'other-format': {
      const models = await checkModels(paths.models);
      const findings = [cacheFinding(look), ...models.findings, ...(await checkLeftovers(paths))];
      return {
        ...(await report(paths, { findings, models, counts: null })),
        notLookedAt:
          'the cache, and whether masks, submission.csv and measurements.csv agree with it',
      };
    }
  }
}

/**
 * Mends whatever is found, for as long as that helps, holding the store.
 * @throws StoreFailure when another process holds it or the cache cannot be had at all
 */
export async function repairStore(root: string): Promise<StoreReport> {
  const path = resolve(root);
  if (!existsSync(root)) return { state: 'none', path };
  const unclosed = closing(storePaths(root));
  const store = await openStore(root, 'doctor --repair');
  try {
    const repaired: Finding[] = [...unclosed, ...rebuilding(store)];
    let checked = await checkAll(store.catalog, store.paths);
    for (let round = 0; round < mostRounds && checked.findings.length > 0; round++) {
      const refused = new Map<string, string>();
      for (const finding of checked.findings) {
        await finding.mend().then(
          () => void repaired.push(finding),
          (error: Error) => refused.set(finding.code, error.message),
        );
      }
      checked = await checkAll(store.catalog, store.paths);
      const left = checked.findings.filter(({ code }) => refused.has(code));
      if (left.length > 0) {
        const findings = checked.findings.map((finding) => withRefusal(finding, refused));
        checked = { ...checked, findings };
        break;
      }
    }
    const { findings, models } = checked;
    // Each mask was read and compared with its row: what a power cut may have taken is made good.
    if (!findings.some(({ code }) => maskCodes.has(code))) store.catalog.masksRestored();
    const counts = await countsOf(store.catalog);
    return await report(store.paths, { findings, models, counts, repaired });
  } finally {
    await store.close();
  }
}

const maskCodes: ReadonlySet<string> = new Set(['MASK_MISSING', 'MASK_DIFFERS']);

interface Checked {
  readonly findings: readonly MendableFinding[];
  readonly models: ModelsLook;
}

/** The files of the rows come last: mending the others may change them. */
async function checkAll(catalog: Catalog, paths: StorePaths): Promise<Checked> {
  const models = await checkModels(paths.models);
  const findings = [
    ...(await checkCache(catalog, models.runIds)),
    ...models.findings,
    ...(await checkMasks(catalog, paths.masks)),
    ...(await checkLeftovers(paths)),
    ...(await checkSubmission(catalog, paths.submission)),
    ...(await checkMeasurements(catalog, paths.measurements)),
  ];
  return { findings, models };
}

async function report(
  paths: StorePaths,
  found: {
    readonly findings: readonly Finding[];
    readonly models: ModelsLook;
    readonly counts: StoreCounts | null;
    readonly repaired?: readonly Finding[];
  },
): Promise<Exclude<StoreReport, { state: 'none' }>> {
  const { models, counts, repaired = [] } = found;
  const findings = found.findings.map(({ code, level, count, message }) => ({
    code,
    level,
    count,
    message,
  }));
  const isWell = findings.every(({ level }) => level === 'leftover');
  return {
    state: isWell ? (repaired.length > 0 ? 'repaired' : 'healthy') : 'unwell',
    path: resolve(paths.root),
    files: counts?.files ?? null,
    pairs: counts?.pairs ?? null,
    testImages: counts?.testImages ?? null,
    pixels: counts?.pixels ?? null,
    predictions: counts?.predictions ?? null,
    model: models.best,
    models: models.models,
    checkpoints: models.checkpoints,
    bytes: await sizesOf(paths),
    findings,
    repaired: repaired.map(({ code, level, count, message }) => ({ code, level, count, message })),
    holder: null,
    running: null,
    notLookedAt: null,
  };
}

async function countsOf(catalog: Catalog): Promise<StoreCounts> {
  let pixels = 0;
  for await (const _ of catalog.cache.pixelKeys()) pixels++;
  const pairs = [...catalog.samplesOf('train')].length;
  return {
    files: catalog.files.size,
    pairs,
    testImages: catalog.samples.size - pairs,
    pixels,
    predictions: catalog.predictions.size,
  };
}

/** Nobody holds the store, and yet somebody is written down. */
function closing(paths: StorePaths): Finding[] {
  if (!existsSync(paths.holder)) return [];
  const who = holderOf(paths) ?? 'the last process';
  const message = `${who} did not come to close the store; the next start looks it through`;
  return [{ code: 'NOT_CLOSED', level: 'leftover', count: 1, message }];
}

function rebuilding({ rebuilt }: OpenStore): Finding[] {
  return rebuilt === null
    ? []
    : [{ code: 'CACHE_DAMAGED', level: 'wrong', count: 1, message: rebuilt }];
}

function cacheFinding(
  look: Extract<CacheLook, { state: 'damaged' | 'failed' | 'other-format' }>,
): Finding {
  switch (look.state) {
    case 'damaged':
    case 'failed': {
      const message = `the cache cannot be read: ${look.message}`;
      return { code: 'CACHE_DAMAGED', level: 'wrong', count: 1, message };
    }
    case 'other-format': {
      const message = `the cache is of format ${look.format}, this version keeps format ${cacheFormat}; the next start fills it again from raw/`;
      return { code: 'CACHE_OTHER_FORMAT', level: 'wrong', count: 1, message };
    }
  }
}

function withRefusal(
  finding: MendableFinding,
  refused: ReadonlyMap<string, string>,
): MendableFinding {
  const why = refused.get(finding.code);
  if (why === undefined) return finding;
  return { ...finding, message: `${finding.message}; it could not be mended: ${why}` };
}
