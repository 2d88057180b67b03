import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isDicom, openDicom } from '../../src/formats/dicom.js';
import { dicomFile, pictureElements, syntaxes } from '../support/dicom-file.js';
import { losslessJpeg } from '../support/lossless-jpeg.js';
import { rleFrame } from '../support/rle-frame.js';

const size = { height: 8, width: 9 };
const values = Uint8Array.from({ length: 72 }, (_, i) => i * 3);
const jpeg = losslessJpeg({ ...size, components: 1, precision: 8, values });
const elements = pictureElements(size);
const files = [
  dicomFile({ elements, pixels: values }),
  dicomFile({ syntax: syntaxes.implicit, elements, pixels: values }),
  dicomFile({ syntax: syntaxes.deflated, elements, pixels: values }),
  dicomFile({ syntax: syntaxes.rle, elements, pixels: [rleFrame([values])] }),
  dicomFile({
    syntax: syntaxes.losslessJpeg,
    elements: pictureElements({ ...size, frames: 2 }),
    pixels: [jpeg, jpeg],
  }),
];

it('reads a damaged file or says why not, and tells nobody whom it shows', async () => {
  const bytes = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
    minLength: 1,
    maxLength: 4,
  });
  const share = fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), bytes, share, async (whole, changes, part) => {
      const file = Buffer.from(whole);
      for (const [place, byte] of changes) {
        file[132 + Math.floor(place * (file.length - 133))] = byte;
      }
      const damaged = file.subarray(0, Math.floor(part * file.length));
      isDicom(damaged);
      const opened = await openDicom(damaged, 1e6);
      const frame = opened.ok ? await opened.value.frame(0) : opened;
      if (frame.ok) {
        const { height, width, stride, data } = frame.value;
        expect(data.length).toBe(height * width * stride);
      } else expect(frame.failure.message).not.toMatch(/SECRET|NAME|id-7/);
    }),
    { numRuns: 500 },
  );
});
