import { type Observable, type OperatorFunction, of } from 'rxjs';
import type { Layout } from '../../layout/file-role.js';
import type { FileInHand, FileOutcome } from './file-in-hand.js';
import type { InFlight } from './in-flight.js';
import { latestByKey } from './latest-by-key.js';
import type { Restless } from './settled.js';
import { turns } from './turns.js';
import type { SettledPath } from './wait-until-unchanged.js';

/** From one settled file to what becomes of it. */
export type FileStages = OperatorFunction<FileInHand<null> | FileOutcome, FileOutcome>;

export interface EachFileOptions {
  /** Files in hand at once. */
  readonly concurrency: number;
  /** While true none is taken in hand. */
  readonly paused$: Observable<boolean>;
  readonly inFlight: InFlight;
  readonly layout: Layout;
}

/**
 * Takes each file through the stages: several files at once, of each path the newest look only. A
 * newer one ends the look in hand, from then on that writes nothing.
 */
export function eachFile(
  stages: FileStages,
  { concurrency, paused$, inFlight, layout }: EachFileOptions,
): OperatorFunction<SettledPath | Restless, FileOutcome> {
  const inTurn = turns();
  return latestByKey(
    ({ path }) => path,
    (settled) => {
      const outcome$ = stages(of(takeInHand(settled, layout)));
      return isLarge(settled) ? inTurn(outcome$) : outcome$;
    },
    {
      concurrency,
      paused$,
      onLoad: ({ queued, running }) => inFlight.report({ queued, running }),
    },
  );
}

/** Bytes from which on there is one such file in memory at a time. */
const largeFile = 32 * 1024 * 1024;

function isLarge(settled: SettledPath | Restless): boolean {
  return settled.type === 'present' && settled.stamp.size >= largeFile;
}

function takeInHand(
  settled: SettledPath | Restless,
  layout: Layout,
): FileInHand<null> | FileOutcome {
  switch (settled.type) {
    case 'present': {
      const { path, stamp, attempt } = settled;
      const { kind } = layout.roleOf(path);
      // It was ours in another layout.
      if (kind === 'foreign') return { type: 'gone', path };
      const started = performance.now();
      const unread = { notes: {}, sha256: '', content: null };
      return { type: 'in-hand', path, kind, stamp, attempt, started, ...unread };
    }
    case 'failed':
      return { ...settled, stage: 'settle' };
    case 'gone':
    case 'unreachable':
    case 'restless':
      return settled;
  }
}
