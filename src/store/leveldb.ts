import { Level } from 'level';

/** LevelDB maps each open table of 2 MB into memory: with its default of 1000 they grow with the folder. */
const mostOpenTables = 74;

/** Not opened yet. */
export function levelAt(folder: string): Level<string, Uint8Array> {
  return new Level<string, Uint8Array>(folder, {
    valueEncoding: 'view',
    // Speckle does not compress; trying costs more than the disk.
    compression: false,
    maxOpenFiles: mostOpenTables,
  });
}

export type LevelFault =
  | { readonly fault: 'held' }
  /** The files are at fault, and not rights, space or handles. */
  | { readonly fault: 'damage'; readonly message: string }
  | { readonly fault: 'other'; readonly message: string };

/** What LevelDB or the file system said, below what abstract-level says of it. */
export function levelFault(error: Error & { readonly code?: string }): LevelFault {
  const cause: Error & { code?: string } = error.cause instanceof Error ? error.cause : error;
  const { message } = cause;
  switch (cause.code ?? error.code) {
    case 'LEVEL_LOCKED':
      return { fault: 'held' };
    case 'LEVEL_CORRUPTION':
    case 'LEVEL_DECODE_ERROR':
      return { fault: 'damage', message };
    case 'LEVEL_IO_ERROR': {
      // A file that LevelDB counts on is gone, or shorter than it was.
      const isDamage = /No such file|Invalid argument/i.test(message);
      return { fault: isDamage ? 'damage' : 'other', message };
    }
    default:
      return { fault: 'other', message };
  }
}

/**
 * LevelDB does not verify checksums, and counts on keys that ascend.
 * @throws where they do not, with the code of damage
 */
export async function checkKeys(db: Level<string, Uint8Array>): Promise<void> {
  let before: Buffer | null = null;
  for await (const key of db.keys<Buffer>({ keyEncoding: 'buffer' })) {
    if (before !== null && Buffer.compare(before, key) >= 0) {
      throw Object.assign(new Error('its keys are out of order'), { code: 'LEVEL_CORRUPTION' });
    }
    before = key;
  }
}
