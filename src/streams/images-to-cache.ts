import type { Observable } from 'rxjs';
import type { PipelineEvent, StageLoad } from '../events.js';
import { decodeConcurrency } from '../operators/configured-sharp.js';
import { mostImagePixels } from '../operators/decode.js';
import { preprocessingKey, preprocessingOf } from '../operators/fingerprint.js';
import type { Settings } from '../settings/options.js';
import type { Catalog } from '../store/catalog.js';
import type { StorePaths } from '../store/store-paths.js';
import { Intake } from './intake/intake.js';
import type { FolderSignal } from './intake/path-changed.js';
import { SampleAssembly, type SampleChange } from './intake/sample-assembly.js';

export interface ImagesToCacheContext {
  readonly settings: Pick<Settings, 'raw' | 'size' | 'settle'>;
  readonly catalog: Catalog;
  readonly paths: Pick<StorePaths, 'masks'>;
  /** Where changes come from: a watcher that never completes, or one scan. */
  readonly signals$: Observable<FolderSignal>;
  /** Looking for what the watcher missed; 0 for never (one scan). */
  readonly reconcileEveryMs: number;
  /** For how long a file that does not settle holds up whoever waits for the rest. */
  readonly patienceMs?: number;
  /** While true, what is in hand is finished and paths go on to queue. */
  readonly paused$: Observable<boolean>;
}

export interface ImagesToCache {
  /** Hot, never errors. */
  readonly events$: Observable<PipelineEvent>;
  /** Hot, never errors. */
  readonly changes$: Observable<SampleChange>;
  /**
   * True from the first path of a burst until its last sample is in the catalog; at the start until
   * the first scan is through.
   */
  readonly busy$: Observable<boolean> & { readonly value: boolean };
  readonly loads: {
    readonly settle: StageLoad;
    readonly ingest: StageLoad;
    readonly pair: StageLoad;
  };
  /** Files under raw/ whose names are not ours. */
  readonly ignored: number;
  /** Starts the flow; unsubscribing ends it. Errors only on a bug. */
  run(): Observable<never>;
  /** Looks at every failed file once more. */
  retryFailed(): void;
  /** Resolves when no file is in hand; to be called while paused. */
  emptied(): Promise<void>;
}

/** From files under raw/ to samples in the catalog. */
export function imagesToCache(context: ImagesToCacheContext): ImagesToCache {
  const { settings, catalog, paths, ...from } = context;
  const preprocessing = preprocessingOf(settings.size);
  return new Intake({
    raw: settings.raw,
    catalog,
    size: settings.size,
    preprocessing: preprocessingKey(preprocessing),
    maxPixels: mostImagePixels,
    settleMs: settings.settle,
    // While some are decoded, as many are read, hashed or written.
    concurrency: 2 * decodeConcurrency,
    assembly: new SampleAssembly(catalog, preprocessing, paths.masks),
    ...from,
  });
}
