import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

const hashedAtOnce = 2 ** 22;

/** SHA-256, hex. Loops are large: others have their turns. */
export async function hashOfBytes(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += hashedAtOnce) {
    hash.update(bytes.subarray(at, at + hashedAtOnce));
    if (at + hashedAtOnce < bytes.length) await setImmediate();
  }
  return hash.digest('hex');
}
