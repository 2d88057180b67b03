import { availableParallelism } from 'node:os';
import sharp from 'sharp';

// Operations are cached by their arguments, which for a file that changed gives stale pixels.
sharp.cache(false);
// One image at a time is too small to be worth libvips' threads; several files at once are.
sharp.concurrency(1);

export { sharp };

/** Node's thread pool, on which sharp works, has 4 threads unless told otherwise. */
const poolThreads = Number(process.env.UV_THREADPOOL_SIZE) || 4;

/**
 * How many files are worth decoding at once: two a core, so that a core never waits for the main
 * thread, within the thread pool. More only costs memory.
 */
export const decodeConcurrency = Math.max(1, Math.min(2 * availableParallelism(), poolThreads));
