import { parentPort } from 'node:worker_threads';
import type { GridSize } from '../operators/image.js';
import { resizePlainTiff } from '../operators/plain-tiff.js';
import type { PixelRecord } from '../store/records.js';

export interface PixelTask {
  readonly bytes: Uint8Array;
  readonly kind: 'image' | 'mask';
  readonly size: GridSize;
  readonly maxPixels: number;
}

/** Null: not a file for this thread; whoever asked has to do it. */
function done({ bytes, kind, size, maxPixels }: PixelTask): PixelRecord | null {
  return resizePlainTiff(bytes, kind, size, maxPixels);
}

parentPort?.on('message', (task: PixelTask) => parentPort?.postMessage(done(task)));
