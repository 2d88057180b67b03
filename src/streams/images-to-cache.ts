import {
  concatMap,
  connect,
  filter,
  ignoreElements,
  merge,
  type Observable,
  partition,
  pipe,
  Subject,
  share,
  tap,
} from 'rxjs';
import type { PipelineEvent } from '../events.js';
import { isTable } from '../layout/file-role.js';
import { decode } from '../operators/decode.js';
import { resize } from '../operators/resize.js';
import { bursts } from './intake/burst.js';
import { cached, unlessCached, unlessUnchanged } from './intake/cached.js';
import { changedPaths, isToBeLookedAt, isUnchanged } from './intake/changed-paths.js';
import { committed } from './intake/committed.js';
import { eachFile, type FileStages } from './intake/each-file.js';
import { eachPart } from './intake/each-part.js';
import { earlierVersion } from './intake/earlier-version.js';
import type { ImagesToCache, ImagesToCacheContext } from './intake/intake-context.js';
import { type IntakeParts, intakeParts, type PixelParts } from './intake/intake-parts.js';
import { reachable, troubles } from './intake/notices.js';
import { paired } from './intake/paired.js';
import { type FolderSignal, pathChanged } from './intake/path-changed.js';
import { read } from './intake/read.js';
import { remembered } from './intake/remembered.js';
import { rescans } from './intake/rescans.js';
import { respaced } from './intake/respaced.js';
import type { Assembled, SampleChange } from './intake/sample-assembly.js';
import { settled } from './intake/settled.js';
import { onContent, onImages } from './intake/stage.js';

export type { ImagesToCache, ImagesToCacheContext } from './intake/intake-context.js';

/**
 * The first of three pages: from files under raw/ to samples in the cache.
 *
 *     raw/ ─> watch ─> settle ─> read ─> decode ─> resize ─> cache ─> pair ─> commit ─> sample
 *               └─ rescan, retry ─┘
 *
 * Paths queue, pixels never do: a path waits to settle and then for its turn (backpressure), and
 * only so many files are in hand between reading and the cache. A file that fails is a value too: it
 * passes by the stages that are left. Every change of a sample says its reason.
 *
 * Each stage reports what it has in flight; who waits for whom follows from that alone.
 *
 * Pixels are cached as they are. Nothing is normalised here: the compute process does it, batch by
 * batch, with the mean and deviation of a model's own training images, which are saved with it.
 */
function flow(signals$: Observable<FolderSignal>, intake: IntakeParts): Observable<Assembled> {
  const { store, layout, assembly, failures, doubts, awaited, greys, folders, inFlight, retry$ } =
    intake;
  const changed$ = merge(signals$, signals$.pipe(rescans(intake)), retry$).pipe(
    intake.ignored.leftOut(),
    changedPaths(store, () => inFlight.report({ scanning: 0 })),
    share(),
  );
  const unchanged$ = changed$.pipe(filter(isUnchanged));
  const settled$ = changed$.pipe(filter(isToBeLookedAt), settled(intake), share());
  const [tables$, files$] = partition(settled$, ({ path }) => isTable(layout, path));
  const pixels$ = files$.pipe(eachFile(toPixels(intake), intake));
  const outcomes$ = merge(unchanged$, pixels$).pipe(
    remembered(failures, retry$),
    doubts.collect(),
    awaited.retried(layout, retry$),
    greys.retried(retry$),
    share(),
  );
  const samples$ = outcomes$.pipe(paired(assembly), committed(intake));
  const troubles$ = merge(signals$.pipe(troubles()), outcomes$.pipe(reachable(folders)));
  const respaced$ = tables$.pipe(respaced(intake));
  return merge(earlierVersion(store), troubles$, samples$, respaced$, bursts(intake));
}

/** What is done to one file. CONTRIBUTING.md tells how to add a step between decoding and resizing. */
export function toPixels(intake: PixelParts): FileStages {
  const { size, store, threads, imageSteps, greys } = intake;
  return pipe(
    unlessUnchanged(store, greys),
    read(intake),
    eachPart(
      intake,
      pipe(
        unlessCached(store),
        onContent(decode(intake)),
        onImages(imageSteps),
        onContent(resize(size, threads.resize)),
        cached(store),
      ),
    ),
  );
}

/** An intake to be run once; what it remembers from file to file goes with it. */
export function imagesToCache(context: ImagesToCacheContext): ImagesToCache {
  const intake = intakeParts(context);
  const { inFlight, retry$, failures, assembly } = intake;
  const events$ = new Subject<PipelineEvent>();
  const changes$ = new Subject<SampleChange>();
  return {
    events$: events$.asObservable(),
    changes$: changes$.asObservable(),
    busy$: intake.busy$,
    run: () =>
      intake.spacings.loaded().pipe(
        concatMap(() => context.signals$.pipe(connect((signals$) => flow(signals$, intake)))),
        tap(({ events, changes }) => {
          for (const event of events) if (failures.isNews(event)) events$.next(event);
          for (const change of changes) changes$.next(change);
        }),
        ignoreElements(),
      ),
    retryFailed: () => {
      for (const path of failures.takeAll()) retry$.next(pathChanged(path));
    },
    emptied: () => inFlight.emptied(),
    get ignored() {
      return intake.ignored.count;
    },
    get loads() {
      const { settling, queued, running, committing } = inFlight.load;
      return {
        settle: { queued: 0, inFlight: 0, waiting: settling },
        ingest: { queued, inFlight: running, waiting: 0 },
        pair: { queued: 0, inFlight: committing, waiting: assembly.waitingCount },
      };
    },
  };
}
