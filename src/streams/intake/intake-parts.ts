import { BehaviorSubject, Subject } from 'rxjs';
import { readingOf } from '../../formats/reading-settings.js';
import { kaggleLayout } from '../../layout/kaggle.js';
import { decodeConcurrency } from '../../operators/configured-sharp.js';
import { mostImagePixels } from '../../operators/decode.js';
import { preprocessingKey, preprocessingOf } from '../../operators/fingerprint.js';
import { patientHasher } from '../../store/subject-key.js';
import { AwaitedSizes } from './awaited-sizes.js';
import { Doubts } from './doubts.js';
import { FileFailures } from './file-failures.js';
import { IgnoredFiles } from './ignored-files.js';
import { InFlight } from './in-flight.js';
import type { ImagesToCacheContext } from './intake-context.js';
import { MissingFolders } from './missing-folders.js';
import type { FolderSignal } from './path-changed.js';
import { PixelThreads } from './pixel-threads.js';
import { SampleAssembly } from './sample-assembly.js';
import { Spacings } from './spacings.js';
import { SubjectGreys } from './subject-greys.js';

const usualPatienceMs = 60_000;

/** What the flow works with: what was asked for, and what is remembered from file to file. */
export function intakeParts(context: ImagesToCacheContext) {
  const { settings, catalog, paths } = context;
  const { raw, size, settle: settleMs } = settings;
  const layout = settings.layout ?? kaggleLayout;
  const preprocessing = preprocessingOf(settings);
  const reading = readingOf(settings);
  const name = preprocessingKey(preprocessing);
  const spacings = new Spacings(raw, layout, reading.spacing ?? null);
  const assembly = new SampleAssembly(catalog, preprocessing, paths.masks, layout, spacings);
  return {
    patienceMs: usualPatienceMs,
    imageSteps: [],
    maxPixels: mostImagePixels,
    threads: new PixelThreads(),
    ...context,
    ...{ raw, size, settleMs, layout },
    reading,
    hashPatient: patientHasher(paths.root),
    sizeOf: (id: string) => assembly.imageOf(id),
    awaited: new AwaitedSizes(),
    spacings,
    // While some are decoded, as many are read, hashed or written.
    concurrency: 2 * decodeConcurrency,
    store: { catalog, preprocessing: name, layout },
    greys: new SubjectGreys(layout, reading.depth ?? 'auto', catalog.files, name),
    assembly,
    failures: new FileFailures(),
    folders: new MissingFolders(raw),
    ignored: new IgnoredFiles(raw, layout),
    inFlight: new InFlight(),
    doubts: new Doubts(),
    busy$: new BehaviorSubject(true),
    /** Files that ended too early, and failed ones when a person asks for it. */
    retry$: new Subject<FolderSignal>(),
  };
}

export type IntakeParts = ReturnType<typeof intakeParts>;

/** Of them, what makes pixels of a file. */
export type PixelParts = Pick<
  IntakeParts,
  | 'raw'
  | 'layout'
  | 'size'
  | 'reading'
  | 'hashPatient'
  | 'sizeOf'
  | 'awaited'
  | 'greys'
  | 'maxPixels'
  | 'imageSteps'
  | 'store'
  | 'threads'
  | 'ignored'
  | 'inFlight'
>;
