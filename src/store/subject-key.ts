import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const keyFile = 'subject.key';
const shownDigits = 16;

/**
 * Turns what a file says of whom it shows into a name that tells nothing, the same for the same
 * person in this store alone: a hash with a key that only the store's owner can read. The key is
 * made when it is first needed.
 */
export function patientHasher(store: string): (patient: string) => string {
  let key: Buffer | undefined;
  return (patient) => {
    key ??= keyIn(join(store, keyFile));
    return createHmac('sha256', key).update(patient).digest('hex').slice(0, shownDigits);
  };
}

function keyIn(path: string): Buffer {
  try {
    const key = randomBytes(32);
    writeFileSync(path, key, { mode: 0o600, flag: 'wx' });
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readFileSync(path);
  }
}
