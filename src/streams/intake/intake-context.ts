import type { Observable } from 'rxjs';
import type { PipelineEvent, StageLoad } from '../../events.js';
import type { PreprocessingSettings } from '../../operators/fingerprint.js';
import type { ImageStep } from '../../operators/source-image.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import type { StorePaths } from '../../store/store-paths.js';
import type { FolderSignal } from './path-changed.js';
import type { PixelThreads } from './pixel-threads.js';
import type { SampleChange } from './sample-assembly.js';

export interface ImagesToCacheContext {
  /** By default Kaggle's names tell which file is what. */
  readonly settings: Pick<Settings, 'raw' | 'settle'> &
    Partial<Pick<Settings, 'layout'>> &
    PreprocessingSettings;
  readonly catalog: Catalog;
  readonly paths: Pick<StorePaths, 'root' | 'masks'>;
  /** Where changes come from: a watcher that never completes, or one scan. */
  readonly signals$: Observable<FolderSignal>;
  /** Looking for what the watcher missed; 0 for never (one scan). */
  readonly reconcileEveryMs: number;
  /** For how long a file that does not settle holds up whoever waits for the rest. */
  readonly patienceMs?: number;
  /** While true, what is in hand is finished and paths go on to queue. */
  readonly paused$: Observable<boolean>;
  /** Steps on images and masks between decoding and resizing; by default none. */
  readonly imageSteps?: readonly ImageStep[];
  /** To be shared by intakes that follow each other; by default its own. */
  readonly threads?: PixelThreads;
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
