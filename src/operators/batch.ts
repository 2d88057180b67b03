/** Consecutive runs of at most `size` items; the last one, when partial, is kept. */
export function chunk<T>(items: readonly T[], size: number): T[][] {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`batch size ${size}`);
  const batches: T[][] = [];
  for (let start = 0; start < items.length; start += size) {
    batches.push(items.slice(start, start + size));
  }
  return batches;
}

/**
 * As many runs as `chunk` makes, but as long as each other or one shorter: a last batch of one image
 * would have poor statistics, and a loud voice.
 */
export function chunkEvenly<T>(items: readonly T[], size: number): T[][] {
  const count = chunk(items, size).length;
  return Array.from({ length: count }, (_, index) =>
    items.slice(
      Math.floor((index * items.length) / count),
      Math.floor(((index + 1) * items.length) / count),
    ),
  );
}

/** Images of one size, one after the other: [count, height, width] uint8, row-major. */
export interface PackedImages {
  readonly count: number;
  readonly images: Uint8Array;
}

/** Images and their masks (0 or 1), each packed as above. */
export interface PackedPairs extends PackedImages {
  readonly masks: Uint8Array;
}

/** Copies, so that augmenting a batch in place leaves the samples as they were. */
export function packImages(images: readonly Uint8Array[]): PackedImages {
  return { count: images.length, images: pack(images) };
}

export function packPairs(
  pairs: readonly { readonly image: Uint8Array; readonly mask: Uint8Array }[],
): PackedPairs {
  return {
    count: pairs.length,
    images: pack(pairs.map((pair) => pair.image)),
    masks: pack(pairs.map((pair) => pair.mask)),
  };
}

function pack(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts[0]?.length ?? 0;
  const packed = new Uint8Array(parts.length * length);
  for (const [index, part] of parts.entries()) {
    if (part.length !== length) {
      throw new RangeError(`item ${index} of a batch has ${part.length} pixels, not ${length}`);
    }
    packed.set(part, index * length);
  }
  return packed;
}
