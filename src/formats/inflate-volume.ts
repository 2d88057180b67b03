import { promisify } from 'node:util';
import { constants, gunzip, gunzipSync, inflate } from 'node:zlib';
import { fail, ok, type Result } from '../operators/result.js';

const inflaters = { gzip: promisify(gunzip), zlib: promisify(inflate) };
/** What may stand behind the values, in bytes. */
const slack = 1024 * 1024;
/** Larger volumes would not fit into memory with all else, in bytes. */
const mostBytes = 2 ** 31 - 1 - slack;

/** Compressed values, of which `needed` bytes there have to be: never more in memory than they claim. */
export async function inflateVolume(
  coded: Uint8Array,
  encoding: keyof typeof inflaters,
  needed: number,
): Promise<Result<Uint8Array, 'TRUNCATED' | 'DECODE_FAILED' | 'TOO_MANY_PIXELS'>> {
  if (needed > mostBytes)
    return fail('TOO_MANY_PIXELS', `${needed} bytes are too many for a volume`);
  try {
    const plain = await inflaters[encoding](coded, { maxOutputLength: needed + slack });
    return plain.length < needed ? fail('TRUNCATED', incomplete(coded)) : ok(plain);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'Z_BUF_ERROR'
      ? fail('TRUNCATED', incomplete(coded))
      : fail('DECODE_FAILED', `its compressed values cannot be read: ${message}`);
  }
}

/** The beginning of what gzip has compressed; null for what is not so compressed. */
export function inflateHead(bytes: Uint8Array): Uint8Array | null {
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH };
    return gunzipSync(bytes.subarray(0, 8192), options);
  } catch {
    return null;
  }
}

function incomplete(coded: Uint8Array): string {
  return `the file looks incomplete after ${coded.length} bytes`;
}
