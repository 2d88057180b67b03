import { sha256 } from '../../operators/fingerprint.js';

/** A UID of what it is for: the same content, the same UID, on every machine. 128 bits of a hash. */
export function uidOf(...content: readonly unknown[]): string {
  const hash = sha256(JSON.stringify(['uid', ...content]));
  return `2.25.${BigInt(`0x${hash.slice(0, 32)}`)}`;
}
