import type { ItemEvent } from '../../events.js';
import { formatCount, plural, printable } from '../format.js';

/**
 * Many items in one sentence. A thousand files dropped at once are one burst, told as
 * `ingested 1,000 images (900 train, 100 test)`; a single file is told by its name.
 */
export interface IntakeBurst {
  readonly kind: 'intake';
  readonly train: number;
  readonly test: number;
  readonly cached: number;
  readonly failed: number;
  readonly removed: number;
  readonly withoutMask: number;
  readonly withoutImage: number;
  /** Told when the burst is this one item only. */
  readonly single: string;
}

export interface PredictionBurst {
  readonly kind: 'prediction';
  readonly predicted: number;
  readonly nonEmpty: number;
  readonly single: string;
}

export type Burst = IntakeBurst | PredictionBurst;
export type BurstKind = Burst['kind'];

const noIntake: IntakeBurst = {
  kind: 'intake',
  train: 0,
  test: 0,
  cached: 0,
  failed: 0,
  removed: 0,
  withoutMask: 0,
  withoutImage: 0,
  single: '',
};

const noPredictions: PredictionBurst = {
  kind: 'prediction',
  predicted: 0,
  nonEmpty: 0,
  single: '',
};

/** Which burst an item belongs to. */
export function burstKindOf(event: ItemEvent): BurstKind {
  if (event.type === 'item.predicted') return 'prediction';
  if (event.type === 'item.failed') {
    return event.stage === 'predict' || event.stage === 'mask' ? 'prediction' : 'intake';
  }
  return 'intake';
}

/** The burst with this item in it; a new one where there is none of the item's kind. */
export function growBurst(burst: Burst | null, event: ItemEvent): Burst {
  return burstKindOf(event) === 'intake'
    ? addToIntake(burst?.kind === 'intake' ? burst : noIntake, event)
    : addToPredictions(burst?.kind === 'prediction' ? burst : noPredictions, event);
}

function addToIntake(burst: IntakeBurst, event: ItemEvent): IntakeBurst {
  switch (event.type) {
    case 'item.ingested':
      return event.reason === 'cached'
        ? { ...burst, cached: burst.cached + 1, single: `${printable(event.id)} is unchanged` }
        : {
            ...burst,
            [event.split]: burst[event.split] + 1,
            single: `ingested ${event.split} image ${printable(event.id)} (${event.reason})`,
          };
    case 'item.waiting':
      return event.missing === 'mask'
        ? {
            ...burst,
            withoutMask: burst.withoutMask + 1,
            single: `${printable(event.id)} waits for its mask`,
          }
        : {
            ...burst,
            withoutImage: burst.withoutImage + 1,
            single: `the mask of ${printable(event.id)} waits for its image`,
          };
    case 'item.failed':
      return {
        ...burst,
        failed: burst.failed + 1,
        single: `failed at ${event.stage}: ${printable(event.path)} (${printable(event.code)})`,
      };
    case 'item.removed':
      return {
        ...burst,
        removed: burst.removed + 1,
        single: `${event.split} image ${printable(event.id)} was removed`,
      };
    case 'item.predicted':
      return burst;
  }
}

function addToPredictions(burst: PredictionBurst, event: ItemEvent): PredictionBurst {
  if (event.type !== 'item.predicted') return burst;
  const what = event.pixels === 0 ? 'no nerve' : `${formatCount(event.pixels)} pixels of nerve`;
  return {
    ...burst,
    predicted: burst.predicted + 1,
    nonEmpty: burst.nonEmpty + (event.pixels > 0 ? 1 : 0),
    single: `predicted image ${printable(event.id)} (${event.reason}): ${what}`,
  };
}

/** Items of a burst, for telling whether it moved. */
export function sizeOf(burst: Burst): number {
  return burst.kind === 'prediction'
    ? burst.predicted
    : burst.train +
        burst.test +
        burst.cached +
        burst.failed +
        burst.removed +
        burst.withoutMask +
        burst.withoutImage;
}

/** `brief` leaves out how the images divide. */
export function sentenceOfBurst(burst: Burst, brief = false): string {
  if (sizeOf(burst) === 1) return burst.single;
  if (burst.kind === 'prediction') {
    return `predicted ${plural(burst.predicted, 'image')}`;
  }
  const fresh = burst.train + burst.test;
  const parts: string[] = [];
  if (fresh > 0) {
    const split = ` (${formatCount(burst.train)} train, ${formatCount(burst.test)} test)`;
    parts.push(`ingested ${plural(fresh, 'image')}${brief ? '' : split}`);
  }
  if (burst.failed > 0) parts.push(`${formatCount(burst.failed)} failed`);
  if (burst.cached > 0) parts.push(`${formatCount(burst.cached)} unchanged (cached)`);
  if (burst.removed > 0) parts.push(`${formatCount(burst.removed)} removed`);
  if (burst.withoutMask > 0) {
    parts.push(
      `${formatCount(burst.withoutMask)} ${burst.withoutMask === 1 ? 'waits' : 'wait'} for a mask`,
    );
  }
  if (burst.withoutImage > 0) {
    parts.push(
      `${plural(burst.withoutImage, 'mask')} ${burst.withoutImage === 1 ? 'waits' : 'wait'} for an image`,
    );
  }
  return parts.join(', ');
}
