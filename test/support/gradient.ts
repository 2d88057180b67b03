export const gradientSize = { height: 50, width: 70 } as const;

/** Black on the left, white on the right: 0..255, mean 127.5, 70 levels. */
export const gradient: readonly number[] = Array.from({ length: 50 * 70 }, (_, index) =>
  Math.round(((index % 70) / 69) * 255),
);
