import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  BehaviorSubject,
  concatMap,
  filter,
  finalize,
  first,
  firstValueFrom,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  Subject,
  switchMap,
  tap,
  throttle,
} from 'rxjs';
import type { PipelineEvent, Split, StageLoad } from '../../events.js';
import { type ImageName, parseImageName } from '../../operators/image-name.js';
import { type FileRecord, type FileStamp, isSameStamp } from '../../store/records.js';
import { storeFailure } from '../../store/store-failure.js';
import { abortable } from '../abortable.js';
import { type FileOutcome, type IngestOptions, ingestFile } from './ingest-file.js';
import { latestByKey } from './latest-by-key.js';
import { type FolderSignal, type PathChanged, pathChanged } from './path-changed.js';
import { reconcile, type SeenFiles } from './reconcile.js';
import type { Assembled, SampleAssembly, SampleChange } from './sample-assembly.js';
import { settle } from './settle.js';

export interface IntakeOptions extends IngestOptions {
  readonly settleMs: number;
  /** Files read and decoded at once. */
  readonly concurrency: number;
  readonly assembly: SampleAssembly;
  /** Where hints come from: a watcher that never completes, or one scan. */
  readonly signals$: Observable<FolderSignal>;
  /** Looking for what the watcher missed; 0 for never (one scan). */
  readonly reconcileEveryMs: number;
  /** For how long a file that does not settle holds up whoever waits for the rest. */
  readonly patienceMs?: number;
  /** While true, what is in hand is finished and paths go on to queue. */
  readonly paused$: Observable<boolean>;
}

const usualPatienceMs = 60_000;
/** After comparing all files, this many times as long as that took nothing is compared. */
const restAfterComparing = 4;

/** Settling is mostly waiting; this only bounds the memory of a huge first scan. */
const settlingAtOnce = 2048;

type KnownName = Exclude<ImageName, { kind: 'foreign' }>;

interface FailedFile {
  /** What was said of it; not said again while it stays true. */
  told: string;
  /** Null when it is looked at again although it has not changed. */
  readonly seen: FileStamp | null;
}

/**
 * From file hints to samples in the catalog:
 *
 *     hints -> settle -> ingest (read, hash, decode, resize, cache) -> assemble -> changes
 *
 * Paths queue, pixels never do. Nothing here stops the flow: a bad file is an event.
 */
export class Intake {
  private readonly events = new Subject<PipelineEvent>();
  /** Never completes while the intake is subscribed to. */
  readonly events$ = this.events.asObservable();
  private readonly changes = new Subject<SampleChange>();
  readonly changes$ = this.changes.asObservable();
  /** True from the first hint of a burst until its last sample is in the catalog. */
  readonly busy$ = new BehaviorSubject(true);

  private readonly again = new Subject<PathChanged>();
  private readonly rescanNeeded = new Subject<void>();
  private readonly compared = new Subject<void>();
  private readonly ignoredPaths = new Set<string>();
  private readonly hintedPaths = new Set<string>();
  private readonly missingFolders = new Set<string>();
  private readonly failedFiles = new Map<string, FailedFile>();
  private readonly inHand$ = new BehaviorSubject(0);
  private settling = 0;
  /** Since when each path that is settling does so, the oldest first. */
  private readonly unsettled = new Map<string, number>();
  private ingesting = { queued: 0, running: 0 };
  private assembling = 0;
  private isScanned = false;
  private isFirstScanClosed = false;
  private hasUnsupported = true;

  constructor(private readonly options: IntakeOptions) {}

  get ignored(): number {
    return this.ignoredPaths.size;
  }

  get loads(): { settle: StageLoad; ingest: StageLoad; pair: StageLoad } {
    const { queued, running } = this.ingesting;
    return {
      settle: { queued: 0, inFlight: 0, waiting: this.settling },
      ingest: { queued, inFlight: running, waiting: 0 },
      pair: { queued: 0, inFlight: this.assembling, waiting: this.options.assembly.waitingCount },
    };
  }

  /** Resolves when no file is in hand; to be called while paused. */
  async emptied(): Promise<void> {
    await firstValueFrom(this.inHand$.pipe(filter((inHand) => inHand === 0)));
  }

  /** Looks at every failed file once more. */
  retryFailed(): void {
    for (const [path, failed] of this.failedFiles) {
      failed.told = '';
      this.again.next({ path, attempt: 0 });
    }
  }

  /** Starts the flow; unsubscribing ends it. Errors only on a bug. */
  run(): Observable<never> {
    const { signals$, raw, reconcileEveryMs, concurrency } = this.options;
    const { patienceMs = usualPatienceMs } = this.options;
    const overdue$ = interval(patienceMs / 4).pipe(
      tap(() => this.updateBusy()),
      ignoreElements(),
    );
    const reconciled$ = merge(
      reconcileEveryMs === 0 ? NEVER : interval(reconcileEveryMs),
      this.rescanNeeded,
    ).pipe(
      // One at a time; whatever comes meanwhile is one more after it.
      throttle(() => this.compared, { leading: true, trailing: true }),
      concatMap(() => this.compareAll()),
    );
    const hints$ = merge(
      this.again.pipe(map(({ path, attempt }) => pathChanged(path, attempt))),
      reconciled$,
      overdue$,
      signals$,
    ).pipe(mergeMap((signal) => this.takeSignal(signal)));

    return hints$.pipe(
      latestByKey(
        ({ path }) => path,
        (hint) => {
          if (!this.unsettled.has(hint.path)) this.unsettled.set(hint.path, performance.now());
          return settle(hint, { raw, settleMs: this.options.settleMs });
        },
        {
          concurrency: settlingAtOnce,
          onLoad: ({ running }) => {
            this.settling = running;
            this.updateBusy();
          },
        },
      ),
      tap(({ path }) => this.unsettled.delete(path)),
      latestByKey(
        ({ path }) => path,
        (settled) =>
          abortable((signal) => ingestFile(settled, nameOf(settled.path), this.options, signal)),
        {
          concurrency,
          paused$: this.options.paused$,
          onLoad: (load) => {
            this.ingesting = load;
            this.updateBusy();
          },
        },
      ),
      mergeMap((outcome) => this.assemble(outcome)),
      ignoreElements(),
    );
  }

  /** Hints at what differs from what is known, once nothing is in hand any more. */
  private compareAll(): Observable<FolderSignal> {
    const quiet$ = this.busy$.pipe(first((isBusy) => !isBusy));
    return quiet$.pipe(
      switchMap(() => {
        const began = performance.now();
        if (this.hasUnsupported) void this.removeUnsupported();
        return reconcile(this.options.raw, this.seenFiles).pipe(
          finalize(() => {
            const rest = (performance.now() - began) * restAfterComparing;
            setTimeout(() => this.compared.next(), rest).unref();
          }),
        );
      }),
    );
  }

  private takeSignal(signal: FolderSignal): PathChanged[] {
    switch (signal.type) {
      case 'path-changed':
        return this.takeHint(signal.change);
      case 'rescan-needed':
        this.rescanNeeded.next();
        return [];
      case 'folder-gone':
        return this.hintIn(signal.folder);
      case 'scanned':
        // What the catalog knows and the scan did not meet may be gone.
        for (const path of this.options.catalog.files.keys()) {
          if (!this.hintedPaths.has(path)) this.again.next({ path, attempt: 0 });
        }
        this.hintedPaths.clear();
        this.isScanned = true;
        this.updateBusy();
        return [];
      case 'trouble': {
        const { code, message } = signal;
        this.events.next({ type: 'notice', level: 'warning', code, message });
        return [];
      }
    }
  }

  private takeHint(hint: PathChanged): PathChanged[] {
    if (!isOurs(hint.path)) {
      void this.countIgnored(hint);
      return [];
    }
    if (this.isScanned) return [hint];
    const unchanged = this.knownOf(hint);
    this.hintedPaths.add(hint.path);
    if (unchanged === undefined) return [hint];
    // Most files of most starts: none of the steps below would do more for them.
    void this.assemble({ type: 'ready', path: hint.path, record: unchanged, ms: 0 });
    return [];
  }

  /** One of its files is enough to find out whether the folder is out of reach. */
  private hintIn(folder: string): PathChanged[] {
    for (const path of this.options.catalog.files.keys()) {
      if (path.startsWith(`${folder}/`)) return [{ path, attempt: 0 }];
    }
    return [];
  }

  /** Programs write under a passing name first: those must not add up. */
  private async countIgnored({ path, stamp }: PathChanged): Promise<void> {
    const isThere =
      stamp !== undefined ||
      (await stat(join(this.options.raw, path)).then(
        (stats) => !stats.isDirectory(),
        () => false,
      ));
    if (isThere) this.ignoredPaths.add(path);
    else this.ignoredPaths.delete(path);
  }

  /** What the catalog says of a file that the first scan meets for the first time, if that is still so. */
  private knownOf({ path, stamp }: PathChanged): FileRecord | undefined {
    if (stamp === undefined || this.hintedPaths.has(path)) return undefined;
    const { catalog, preprocessing } = this.options;
    const known = catalog.files.stampOf(path);
    if (known === undefined || !isSameStamp(known, stamp)) return undefined;
    return catalog.files.isMadeWith(path, preprocessing) ? catalog.files.get(path) : undefined;
  }

  private async assemble(outcome: FileOutcome): Promise<void> {
    this.assembling++;
    const told = this.failedFiles.get(outcome.path)?.told ?? '';
    this.remember(outcome, told);
    try {
      this.tell(await this.options.assembly.accept(outcome, nameOf(outcome.path)));
    } catch (error) {
      const { path } = outcome;
      this.failedFiles.set(path, { told, seen: null });
      const failure = storeFailure(error as Error);
      this.tell({
        events: [{ type: 'item.failed', path, stage: 'cache', ...failure }],
        changes: [],
      });
    } finally {
      this.assembling--;
      this.updateBusy();
    }
  }

  /** Keeps what the next reconcile, retry or message depends on. */
  private remember(outcome: FileOutcome, told: string): void {
    const { path } = outcome;
    switch (outcome.type) {
      case 'failed':
        this.failedFiles.set(path, { told, seen: outcome.seen });
        return;
      case 'incomplete':
        this.again.next({ path, attempt: outcome.attempt });
        return;
      case 'unreachable':
        this.missFolder(outcome.folder);
        return;
      case 'ready':
      case 'gone':
        this.failedFiles.delete(path);
        this.findFolder(dirname(join(this.options.raw, path)));
        return;
    }
  }

  private missFolder(folder: string): void {
    if (this.missingFolders.has(folder)) return;
    this.missingFolders.add(folder);
    this.events.next({
      type: 'notice',
      level: 'error',
      code: 'FOLDER_MISSING',
      message: `${folder} is not there; what is known of its files is kept until it comes back`,
    });
  }

  private findFolder(folder: string): void {
    if (!this.missingFolders.delete(folder)) return;
    const message = `${folder} is back`;
    this.events.next({ type: 'notice', level: 'info', code: 'FOLDER_BACK', message });
  }

  private tell({ events, changes }: Assembled): void {
    for (const event of events) if (!this.isToldAlready(event)) this.events.next(event);
    for (const change of changes) this.changes.next(change);
  }

  private isToldAlready(event: PipelineEvent): boolean {
    if (event.type !== 'item.failed') return false;
    const failed = this.failedFiles.get(event.path);
    const words = `${event.code} ${event.message}`;
    if (failed === undefined) return false;
    const isKnown = failed.told === words;
    failed.told = words;
    return isKnown;
  }

  private updateBusy(): void {
    const { queued, running } = this.ingesting;
    this.inHand$.next(running + this.assembling);
    const settling = this.settling - this.countOverdue();
    const isWorking = !this.isScanned || settling + queued + running + this.assembling > 0;
    if (!isWorking && !this.isFirstScanClosed) {
      this.isFirstScanClosed = true;
      void this.removeUnsupported();
      return;
    }
    if (isWorking !== this.busy$.value && this.isFirstScanClosed) this.setBusy(isWorking);
  }

  /** Samples whose files are nowhere to be found go, now that everything has been looked at. */
  private countOverdue(): number {
    const { patienceMs = usualPatienceMs } = this.options;
    const since = performance.now() - patienceMs;
    let overdue = 0;
    for (const [path, started] of this.unsettled) {
      if (started > since) break;
      overdue++;
      if (this.failedFiles.has(path)) continue;
      this.failedFiles.set(path, { told: '', seen: null });
      this.options.assembly.leaveUndecided(nameOf(path));
      const message = `has kept changing for ${patienceMs / 1000} s; it is taken in once it stays the same`;
      this.tell({
        events: [{ type: 'item.failed', path, stage: 'settle', code: 'KEEPS_CHANGING', message }],
        changes: [],
      });
    }
    return overdue;
  }

  private async removeUnsupported(): Promise<void> {
    this.assembling++;
    this.updateBusy();
    const isReachable = (split: Split) =>
      ![...this.missingFolders].some((folder) => folder.endsWith(split));
    try {
      this.tell(await this.options.assembly.removeUnsupported(isReachable));
      this.hasUnsupported = false;
    } catch (error) {
      this.events.next({ type: 'notice', level: 'error', ...storeFailure(error as Error) });
    } finally {
      this.assembling--;
      this.updateBusy();
    }
  }

  private setBusy(isBusy: boolean): void {
    if (!isBusy) for (const event of this.options.assembly.takeWaiting()) this.events.next(event);
    this.busy$.next(isBusy);
  }

  private failedAndUnknown(): string[] {
    return [...this.failedFiles.keys()].filter((path) => !this.options.catalog.files.has(path));
  }

  private readonly seenFiles: SeenFiles = {
    count: () => this.options.catalog.files.size + this.failedAndUnknown().length,
    paths: () => [...this.options.catalog.files.keys(), ...this.failedAndUnknown()],
    has: (path) => this.options.catalog.files.has(path) || this.failedFiles.has(path),
    stamp: (path) => {
      const failed = this.failedFiles.get(path);
      return failed ? (failed.seen ?? undefined) : this.options.catalog.files.stampOf(path);
    },
  };
}

function isOurs(path: string): boolean {
  return parseImageName(path).kind !== 'foreign';
}

function nameOf(path: string): KnownName {
  const name = parseImageName(path);
  if (name.kind === 'foreign') throw new Error(`${path} is not ours`);
  return name;
}
