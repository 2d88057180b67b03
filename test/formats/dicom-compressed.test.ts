import loadCharls from '@cornerstonejs/codec-charls/wasmjs';
import loadOpenJpeg from '@cornerstonejs/codec-openjpeg/wasmjs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openDicom } from '../../src/formats/dicom.js';
import type { DecodeCode, SampleArray } from '../../src/formats/frames.js';
import { type DicomFile, dicomFile, pictureElements, syntaxes } from '../support/dicom-file.js';
import { losslessJpeg } from '../support/lossless-jpeg.js';

const size = { height: 24, width: 40 };
const pixels = size.height * size.width;
const grey = Uint8Array.from({ length: pixels }, (_, i) => (i % 40) * 3 + Math.floor(i / 40) * 4);
const other = Uint8Array.from(grey, (value) => 255 - value);
const twelve = Uint16Array.from(grey, (value, i) => value * 16 + (i % 7));
const signed = Int16Array.from(twelve, (value) => value - 2048);
const rgb = Uint8Array.from({ length: pixels * 3 }, (_, i) =>
  i % 3 === 0 ? grey[(i - (i % 3)) / 3]! : i % 3 === 1 ? 90 : 200 - grey[Math.floor(i / 3)]! / 2,
);
const silent = () => ({ print: () => {}, printErr: () => {} });

async function valuesOf(file: DicomFile, number = 0): Promise<SampleArray> {
  const opened = await openDicom(dicomFile(file), 1e6);
  if (!opened.ok) throw new Error(opened.failure.message);
  const frame = await opened.value.frame(number);
  if (!frame.ok) throw new Error(frame.failure.message);
  return frame.value.data;
}

async function failureOf(file: DicomFile): Promise<DecodeCode> {
  const opened = await openDicom(dicomFile(file), 1e6);
  const result = opened.ok ? await opened.value.frame(0) : opened;
  if (result.ok) throw new Error('it was read');
  expect(result.failure.message).not.toMatch(/SECRET|id-7/);
  return result.failure.code;
}

const of12 = { ...size, bits: [16, 12, 11] } as const;
const bytesOf = ({ buffer }: Uint16Array | Int16Array) => new Uint8Array(buffer);

function farthest(a: SampleArray, b: SampleArray): number {
  let most = Math.abs(a.length - b.length);
  for (const [i, value] of a.entries()) most = Math.max(most, Math.abs(value - b[i]!));
  return most;
}

function jpegOf(values: Uint8Array, chromaSubsampling = '4:4:4'): Promise<Buffer> {
  const channels = values.length === pixels ? 1 : 3;
  const image = sharp(values, { raw: { ...size, channels } });
  return image
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .jpeg({ quality: 100, chromaSubsampling })
    .toBuffer();
}

describe('JPEG', () => {
  const syntax = syntaxes.jpeg;

  it('reads grey and colour', async () => {
    const jpeg = await jpegOf(grey);
    const values = await valuesOf({ syntax, elements: pictureElements(size), pixels: [jpeg] });
    expect(farthest(values, grey)).toBeLessThan(3);
    for (const photometric of ['YBR_FULL_422', 'YBR_FULL', 'RGB']) {
      const elements = pictureElements({ ...size, photometric });
      const jpeg = await jpegOf(rgb);
      const jfif = Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex');
      const marked = Buffer.concat([jfif, jpeg.subarray(2)]);
      const colours = await valuesOf({ syntax, elements, pixels: [marked] });
      expect(farthest(colours, rgb)).toBeLessThan(6);
    }
  });

  it('leaves RGB alone that says nowhere in the JPEG that it is RGB', async () => {
    const same = Uint8Array.from(rgb, (_, i) => grey[Math.floor(i / 3)]!);
    const jpeg = await jpegOf(same);
    const elements = pictureElements({ ...size, photometric: 'RGB' });
    const values = await valuesOf({ syntax, elements, pixels: [jpeg] });
    // What lies in the file: Y, and 128 for both colours.
    const stored = Uint8Array.from(rgb, (_, i) => (i % 3 === 0 ? same[i]! : 128));
    expect(farthest(values, stored)).toBeLessThan(3);
  });

  it('says what to do with 12 bits, and what is wrong with the rest', async () => {
    const jpeg = await jpegOf(grey);
    const frameHeader = jpeg.indexOf('ffc0', 'hex');
    const wide = Buffer.from(jpeg).fill(12, frameHeader + 4, frameHeader + 5);
    const elements = pictureElements(size);
    const extended = '1.2.840.10008.1.2.4.51';
    const file = { syntax: extended, elements: pictureElements(of12), pixels: [wide] };
    expect(await failureOf(file)).toBe('UNSUPPORTED_SAMPLES');
    for (const pixels of [[jpeg.subarray(0, -60)], [grey], [await jpegOf(rgb)]]) {
      expect(await failureOf({ syntax, elements, pixels })).toBe('DECODE_FAILED');
    }
    const larger = pictureElements({ ...size, width: 41 });
    expect(await failureOf({ syntax, elements: larger, pixels: [jpeg] })).toBe('DECODE_FAILED');
  });
});

describe('fragments', () => {
  const syntax = syntaxes.losslessJpeg;
  const codedOf = (values: ArrayLike<number>) => {
    const coded = losslessJpeg({ ...size, components: 1, precision: 8, values });
    return [coded.subarray(0, 100), coded.subarray(100, 200), coded.subarray(200)];
  };

  it('joins those of a frame, with and without an offset table', async () => {
    const one = { syntax, elements: pictureElements(size), pixels: codedOf(grey) };
    expect(await valuesOf(one)).toEqual(grey);

    const [first, second] = [codedOf(grey), codedOf(other)];
    const length = first.reduce((sum, part) => sum + 8 + part.length + (part.length % 2), 0);
    const elements = pictureElements({ ...size, frames: 2 });
    for (const offsets of [[], [0, length], [0, length + 2]]) {
      const loop = { syntax, elements, pixels: [...first, ...second], offsets };
      expect(await valuesOf(loop, 0)).toEqual(grey);
      expect(await valuesOf(loop, 1)).toEqual(other);
    }
  });

  it('refuses a loop that has other frames than it announces', async () => {
    const elements = pictureElements({ ...size, frames: 4 });
    const pixels = [...codedOf(grey), ...codedOf(other)];
    expect(await failureOf({ syntax, elements, pixels })).toBe('DECODE_FAILED');
  });
});

describe('lossless JPEG', () => {
  const syntax = syntaxes.losslessJpeg;

  it('reads 12 bits, signed ones and colour', async () => {
    const coded = (values: ArrayLike<number>, components: number, precision: number) => [
      losslessJpeg({ ...size, components, precision, values }),
    ];
    const words = { syntax, elements: pictureElements(of12), pixels: coded(twelve, 1, 12) };
    expect(await valuesOf(words)).toEqual(twelve);
    const unsigned = Uint16Array.from(signed, (value) => value & 0xfff);
    const elements = pictureElements({ ...of12, isSigned: true });
    expect(await valuesOf({ syntax, elements, pixels: coded(unsigned, 1, 12) })).toEqual(signed);
    const colour = pictureElements({ ...size, photometric: 'RGB' });
    expect(await valuesOf({ syntax, elements: colour, pixels: coded(rgb, 3, 8) })).toEqual(rgb);
  });

  it('refuses what is damaged, or of more bits than the library reads', async () => {
    const values = Uint16Array.from(rgb);
    const wide = losslessJpeg({ ...size, components: 3, precision: 12, values });
    const elements = pictureElements({ ...of12, photometric: 'RGB' });
    expect(await failureOf({ syntax, elements, pixels: [wide] })).toBe('UNSUPPORTED_SAMPLES');
    const coded = losslessJpeg({ ...size, components: 1, precision: 8, values: grey });
    const cut = { syntax, elements: pictureElements(size), pixels: [coded.subarray(0, 200)] };
    expect(await failureOf(cut)).toBe('DECODE_FAILED');
  });
});

describe('JPEG-LS', () => {
  const syntax = syntaxes.jpegLs;

  async function coded(values: Uint8Array, bits: number, parts: number, mode: 0 | 1 | 2 = 0) {
    const encoder = new (await loadCharls(silent())).JpegLSEncoder();
    const image = { ...size, bitsPerSample: bits, componentCount: parts };
    encoder.getDecodedBuffer(image).set(values);
    encoder.setNearLossless(0);
    encoder.setInterleaveMode(mode);
    encoder.encode();
    const bytes = Buffer.from(encoder.getEncodedBuffer());
    encoder.delete();
    return [bytes];
  }

  it('reads 8 and 12 bits, grey and colour, interleaved in every way', async () => {
    const elements = pictureElements(size);
    expect(await valuesOf({ syntax, elements, pixels: await coded(grey, 8, 1) })).toEqual(grey);
    const words = { elements: pictureElements(of12), pixels: await coded(bytesOf(twelve), 12, 1) };
    expect(await valuesOf({ syntax, ...words })).toEqual(twelve);
    const colour = pictureElements({ ...size, photometric: 'RGB' });
    const planes = Buffer.concat([0, 1, 2].map((c) => rgb.filter((_, i) => i % 3 === c)));
    for (const mode of [0, 1, 2] as const) {
      const pixels = await coded(mode === 0 ? planes : rgb, 8, 3, mode);
      expect(await valuesOf({ syntax, elements: colour, pixels })).toEqual(rgb);
    }
  });

  it('turns YBR into RGB', async () => {
    const elements = pictureElements({ ...size, photometric: 'YBR_FULL' });
    const ybr = Uint8Array.from(rgb, (_, i) => (i % 3 === 0 ? grey[i / 3]! : 128));
    const values = await valuesOf({ syntax, elements, pixels: await coded(ybr, 8, 3, 2) });
    expect(values).toEqual(Uint8Array.from(rgb, (_, i) => grey[Math.floor(i / 3)]!));
  });

  it('refuses damaged ones, and reads the next', async () => {
    const elements = pictureElements(size);
    const [whole] = await coded(grey, 8, 1);
    const cut = { syntax, elements, pixels: [whole!.subarray(0, 60)] };
    expect(await failureOf(cut)).toBe('DECODE_FAILED');
    expect(await valuesOf({ syntax, elements, pixels: [whole!] })).toEqual(grey);
  });
});

describe('JPEG 2000', () => {
  const syntax = syntaxes.jpeg2000;

  async function coded(values: Uint8Array, bits: number, parts: number, isSigned = false) {
    const encoder = new (await loadOpenJpeg(silent())).J2KEncoder();
    const image = { ...size, bitsPerSample: bits, componentCount: parts, isSigned };
    encoder.getDecodedBuffer(image).set(values);
    encoder.setDecompositions(2);
    encoder.setQuality(true, 0);
    encoder.encode();
    const bytes = Buffer.from(encoder.getEncodedBuffer());
    encoder.delete();
    return [bytes];
  }

  it('reads 8, 12 and signed bits, and colour', async () => {
    const elements = pictureElements(size);
    expect(await valuesOf({ syntax, elements, pixels: await coded(grey, 8, 1) })).toEqual(grey);
    const words = { elements: pictureElements(of12), pixels: await coded(bytesOf(twelve), 12, 1) };
    expect(await valuesOf({ syntax, ...words })).toEqual(twelve);
    const of16 = pictureElements({ ...size, bits: [16, 16, 15], isSigned: true });
    const negative = { elements: of16, pixels: await coded(bytesOf(signed), 16, 1, true) };
    expect(await valuesOf({ syntax, ...negative })).toEqual(signed);
    const colour = pictureElements({ ...size, photometric: 'YBR_RCT' });
    expect(await valuesOf({ syntax, elements: colour, pixels: await coded(rgb, 8, 3) })).toEqual(
      rgb,
    );
  });

  it('refuses damaged ones, and reads the next', async () => {
    const elements = pictureElements(size);
    const [whole] = await coded(grey, 8, 1);
    for (const length of [20, 70]) {
      const cut = { syntax, elements, pixels: [whole!.subarray(0, length)] };
      expect(await failureOf(cut)).toBe('DECODE_FAILED');
    }
    expect(await valuesOf({ syntax, elements, pixels: [whole!] })).toEqual(grey);
  });
});
