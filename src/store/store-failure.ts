import type { Failure } from '../operators/result.js';

/** A write to the store went wrong: the item is marked and tried again, the flow goes on. */
export function storeFailure(error: Error): Failure {
  const { message } = (error.cause as Error | undefined) ?? error;
  return /no space left|ENOSPC/i.test(message)
    ? { code: 'DISK_FULL', message: 'the disk of the store is full; it is tried again by itself' }
    : {
        code: 'STORE_WRITE_FAILED',
        message: `the store cannot be written: ${message}; it is tried again by itself`,
      };
}
