/**
 * Kaggle's Dice of each image: 2 |P T| / (|P| + |T|) after thresholding, 1 where both are empty.
 * Not the tutorial's soft batch Dice (see loss.ts).
 *
 * @param probabilities image after image, 0..1
 * @param masks the same layout, 0 or 1
 * @param threshold probability from which a pixel is foreground
 */
export function imageDices(
  probabilities: Float32Array,
  masks: Uint8Array,
  count: number,
  threshold: number,
): number[] {
  const pixels = masks.length / count;
  return Array.from({ length: count }, (_, image) => {
    let overlap = 0;
    let areas = 0;
    for (let index = image * pixels; index < (image + 1) * pixels; index++) {
      const predicted = probabilities[index]! >= threshold ? 1 : 0;
      const truth = masks[index]!;
      overlap += predicted & truth;
      areas += predicted + truth;
    }
    return areas === 0 ? 1 : (2 * overlap) / areas;
  });
}
