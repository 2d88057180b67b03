/**
 * The counts of COCO's compressed runs, background first. Each count is written in characters from
 * `0` on, five bits each, the lowest first, a sixth says that more follow; from the fourth
 * count on it is the difference to the one two before. Null where a text is none of these.
 */
export function countsOfText(text: string): number[] | null {
  const counts: number[] = [];
  for (let at = 0; at < text.length; ) {
    let value = 0;
    let weight = 1;
    let bits: number;
    do {
      bits = text.charCodeAt(at++) - 48;
      // Beyond the text this is not a number; 2 ** 35 exceeds any image.
      if (!(bits >= 0 && bits < 64) || weight > 2 ** 30) return null;
      value += (bits & 31) * weight;
      weight *= 32;
    } while ((bits & 32) !== 0);
    if ((bits & 16) !== 0) value -= weight;
    if (counts.length > 2) value += counts[counts.length - 2]!;
    if (value < 0) return null;
    counts.push(value);
  }
  return counts;
}
