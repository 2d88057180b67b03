import type { CacheParts, TrainingSet } from './cache-parts.js';
import { encodePixelRecord } from './pixel-codec.js';
import {
  type FileRecord,
  type PixelRecord,
  type PredictionRecord,
  type SampleRecord,
  sampleKey,
} from './records.js';

export type CacheWrite =
  | { readonly put: 'file'; readonly record: FileRecord }
  | { readonly remove: 'file'; readonly path: string }
  | { readonly put: 'pixels'; readonly key: string; readonly record: PixelRecord }
  | { readonly remove: 'pixels'; readonly key: string }
  | { readonly put: 'sample'; readonly record: SampleRecord }
  | { readonly remove: 'sample'; readonly key: string }
  | { readonly put: 'prediction'; readonly record: PredictionRecord }
  | { readonly remove: 'prediction'; readonly id: string }
  | { readonly put: 'training-set'; readonly runId: string; readonly fingerprints: TrainingSet }
  | { readonly remove: 'training-set'; readonly runId: string };

/** The write as LevelDB's batches take it. */
export function operationOf(write: CacheWrite, parts: CacheParts) {
  return 'put' in write ? putOf(write, parts) : removalOf(write, parts);
}

function putOf(write: Extract<CacheWrite, { readonly put: string }>, parts: CacheParts) {
  const type = 'put' as const;
  switch (write.put) {
    case 'file':
      return { type, sublevel: parts.files, key: write.record.path, value: write.record };
    case 'pixels': {
      const value = encodePixelRecord(write.record);
      return { type, sublevel: parts.pixels, key: write.key, value };
    }
    case 'sample':
      return { type, sublevel: parts.samples, key: sampleKey(write.record), value: write.record };
    case 'prediction':
      return { type, sublevel: parts.predictions, key: write.record.id, value: write.record };
    case 'training-set':
      return { type, sublevel: parts.trainingSets, key: write.runId, value: write.fingerprints };
  }
}

function removalOf(write: Extract<CacheWrite, { readonly remove: string }>, parts: CacheParts) {
  const type = 'del' as const;
  switch (write.remove) {
    case 'file':
      return { type, sublevel: parts.files, key: write.path };
    case 'pixels':
      return { type, sublevel: parts.pixels, key: write.key };
    case 'sample':
      return { type, sublevel: parts.samples, key: write.key };
    case 'prediction':
      return { type, sublevel: parts.predictions, key: write.id };
    case 'training-set':
      return { type, sublevel: parts.trainingSets, key: write.runId };
  }
}
