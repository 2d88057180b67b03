import { type Observable, type OperatorFunction, of } from 'rxjs';
import { parseImageName } from '../../operators/image-name.js';
import type { FileInHand, FileOutcome } from './file-in-hand.js';
import type { InFlight } from './in-flight.js';
import { latestByKey } from './latest-by-key.js';
import type { Restless } from './settled.js';
import type { SettledPath } from './wait-until-unchanged.js';

/** From one settled file to what becomes of it. */
export type FileStages = OperatorFunction<FileInHand<null> | FileOutcome, FileOutcome>;

export interface EachFileOptions {
  /** Files in hand at once. */
  readonly concurrency: number;
  /** While true none is taken in hand. */
  readonly paused$: Observable<boolean>;
  readonly inFlight: InFlight;
}

/**
 * Takes each file through the stages: several files at once, of each path the newest look only. A
 * newer one ends the look in hand, from then on that writes nothing.
 */
export function eachFile(
  stages: FileStages,
  { concurrency, paused$, inFlight }: EachFileOptions,
): OperatorFunction<SettledPath | Restless, FileOutcome> {
  return latestByKey(
    ({ path }) => path,
    (settled) => stages(of(takeInHand(settled))),
    {
      concurrency,
      paused$,
      onLoad: ({ queued, running }) => inFlight.report({ queued, running }),
    },
  );
}

function takeInHand(settled: SettledPath | Restless): FileInHand<null> | FileOutcome {
  switch (settled.type) {
    case 'present': {
      const { path, stamp, attempt } = settled;
      const kind = parseImageName(path).kind === 'train-mask' ? 'mask' : 'image';
      const started = performance.now();
      return { type: 'in-hand', path, kind, stamp, attempt, started, sha256: '', content: null };
    }
    case 'failed':
      return { ...settled, stage: 'settle' };
    case 'gone':
    case 'unreachable':
    case 'restless':
      return settled;
  }
}
