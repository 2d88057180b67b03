/**
 * A seeded stream of numbers in [0, 1), for everything that is random: equal seeds, equal stream,
 * on every machine. `randomFrom(seed, 'order', epoch)` and `randomFrom(seed, 'augment', epoch)`
 * are unrelated, so that no use of chance disturbs another.
 *
 * The seeds, in order and with their types, are mixed into 128 bits (FNV-1a over their JSON, then
 * MurmurHash3's finaliser), which start Chris Doty-Humphrey's sfc32 (PractRand; passes its tests
 * and BigCrush). 32 bits a number; not for secrets.
 */
export function randomFrom(...seeds: readonly (number | string)[]): () => number {
  const text = JSON.stringify(seeds);
  let a = hash(text, 0x811c9dc5);
  let b = hash(text, a ^ 0x9e3779b9);
  let c = hash(text, b ^ 0x85ebca6b);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  // The first numbers still show the seed; sfc32's author discards 12 to 18 of them.
  for (let round = 0; round < 15; round++) next();
  return next;
}

function hash(text: string, start: number): number {
  let h = start | 0;
  for (let index = 0; index < text.length; index++) {
    h = Math.imul(h ^ text.charCodeAt(index), 0x01000193);
  }
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
