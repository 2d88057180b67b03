/** The model's orange and the truth's blue. */
export const modelColour = 0xff8700;
export const truthColour = 0x2f9bff;

/**
 * Where both outlines lie they take turns, in dashes of so many pixels: no third colour would be
 * seen on every grey. Along every direction of a line the turns come about as often.
 */
export function isModelsTurn(x: number, y: number, dash: number): boolean {
  return Math.floor((x + 2 * y) / dash) % 2 === 0;
}
