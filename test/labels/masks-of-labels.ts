import fc from 'fast-check';

/** Any mask of 0 and 1 of up to 20 x 20, and its size. */
export const maskAndSize = fc
  .record({ height: fc.integer({ min: 1, max: 20 }), width: fc.integer({ min: 1, max: 20 }) })
  .chain((size) =>
    fc
      .array(fc.constantFrom(0, 1), {
        minLength: size.height * size.width,
        maxLength: size.height * size.width,
      })
      .map((values) => ({ size, mask: Uint8Array.from(values) })),
  );
