import { BehaviorSubject, Subject } from 'rxjs';
import { decodeConcurrency } from '../../operators/configured-sharp.js';
import { mostImagePixels } from '../../operators/decode.js';
import { preprocessingKey, preprocessingOf } from '../../operators/fingerprint.js';
import { FileFailures } from './file-failures.js';
import { IgnoredFiles } from './ignored-files.js';
import { InFlight } from './in-flight.js';
import type { ImagesToCacheContext } from './intake-context.js';
import { MissingFolders } from './missing-folders.js';
import type { FolderSignal } from './path-changed.js';
import { PixelThreads } from './pixel-threads.js';
import { SampleAssembly } from './sample-assembly.js';

const usualPatienceMs = 60_000;

/** What the flow works with: what was asked for, and what is remembered from file to file. */
export function intakeParts(context: ImagesToCacheContext) {
  const { settings, catalog, paths } = context;
  const { raw, size, settle: settleMs } = settings;
  const preprocessing = preprocessingOf(size);
  return {
    patienceMs: usualPatienceMs,
    imageSteps: [],
    maxPixels: mostImagePixels,
    threads: new PixelThreads(),
    ...context,
    ...{ raw, size, settleMs },
    // While some are decoded, as many are read, hashed or written.
    concurrency: 2 * decodeConcurrency,
    store: { catalog, preprocessing: preprocessingKey(preprocessing) },
    assembly: new SampleAssembly(catalog, preprocessing, paths.masks),
    failures: new FileFailures(),
    folders: new MissingFolders(raw),
    ignored: new IgnoredFiles(raw),
    inFlight: new InFlight(),
    busy$: new BehaviorSubject(true),
    /** Files that ended too early, and failed ones when a person asks for it. */
    retry$: new Subject<FolderSignal>(),
  };
}

export type IntakeParts = ReturnType<typeof intakeParts>;

/** Of them, what makes pixels of a file. */
export type PixelParts = Pick<
  IntakeParts,
  'raw' | 'size' | 'maxPixels' | 'imageSteps' | 'store' | 'threads' | 'inFlight'
>;
