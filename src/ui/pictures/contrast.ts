/**
 * Ultrasound is dark: stretches greys from the darkest to the brightest, but for a few of either,
 * to 0..255. Returns what becomes of a grey; not rounded.
 */
export function stretchOf(grey: Uint8Array | Float32Array): (value: number) => number {
  const sorted = grey.toSorted();
  const low = sorted[Math.floor(sorted.length * 0.01)] ?? 0;
  const high = sorted[Math.floor(sorted.length * 0.99)] ?? 255;
  const range = Math.max(1, high - low);
  return (value) => Math.min(255, Math.max(0, ((value - low) / range) * 255));
}
