import { describe, expect, it } from 'vitest';
import { isDicom, openDicom } from '../../src/formats/dicom.js';
import type { FrameFile, SampleArray } from '../../src/formats/frames.js';
import {
  type DicomElement,
  type DicomFile,
  dicomFile,
  pictureElements,
  syntaxes,
} from '../support/dicom-file.js';
import { rleFrame } from '../support/rle-frame.js';

const size = { height: 3, width: 5 };
const pixels = size.height * size.width;
const ramp = Uint8Array.from({ length: pixels }, (_, i) => i * 17);
const ramp16 = Uint16Array.from({ length: pixels }, (_, i) => i * 273);
const colours = Uint8Array.from({ length: pixels * 3 }, (_, i) => (i * 37) % 256);
/** Red of all pixels, then green, then blue. */
const planes = [0, 1, 2].map((c) => colours.filter((_, i) => i % 3 === c));

async function open(file: DicomFile | Uint8Array, maxPixels = 1e6): Promise<FrameFile> {
  const opened = await openDicom(file instanceof Uint8Array ? file : dicomFile(file), maxPixels);
  if (!opened.ok) throw new Error(opened.failure.message);
  return opened.value;
}

async function valuesOf(file: DicomFile | Uint8Array, number = 0): Promise<SampleArray> {
  const frame = await (await open(file)).frame(number);
  if (!frame.ok) throw new Error(frame.failure.message);
  expect(frame.value).toMatchObject(size);
  expect(frame.value.data.length).toBe(pixels * frame.value.stride);
  return frame.value.data;
}

async function failureOf(file: DicomFile | Uint8Array, maxPixels = 1e6): Promise<string> {
  const bytes = file instanceof Uint8Array ? file : dicomFile(file);
  const opened = await openDicom(bytes, maxPixels);
  const result = opened.ok ? await opened.value.frame(0) : opened;
  if (result.ok) throw new Error('it was read');
  expect(result.failure.message).not.toMatch(/SECRET|NAME|id-7/);
  return result.failure.code;
}

const bytesOf = (values: Uint16Array | Int16Array) => new Uint8Array(values.buffer);
const grey = pictureElements(size);
const wide = (more: Partial<Parameters<typeof pictureElements>[0]> = {}) =>
  pictureElements({ ...size, bits: [16, 16, 15], ...more });

describe('uncompressed DICOM', () => {
  it('reads every way to write elements', async () => {
    const { implicit, explicit, deflated, bigEndian } = syntaxes;
    for (const syntax of [implicit, explicit, deflated]) {
      expect(await valuesOf({ syntax, elements: grey, pixels: ramp })).toEqual(ramp);
      const words = { syntax, elements: wide(), pixels: bytesOf(ramp16) };
      expect(await valuesOf(words)).toEqual(ramp16);
    }
    const swapped = Buffer.from(bytesOf(ramp16)).swap16();
    expect(await valuesOf({ syntax: bigEndian, elements: wide(), pixels: swapped })).toEqual(
      ramp16,
    );
    const file = { syntax: bigEndian, elements: grey, pixels: ramp, pixelVr: 'OB' } as const;
    expect(await valuesOf(file)).toEqual(ramp);
  });

  it('reads bytes in big endian words, frame by frame', async () => {
    const loop = Buffer.concat([ramp, Buffer.from(ramp).reverse()]);
    const elements = pictureElements({ ...size, frames: 2 });
    const pixels = Buffer.from(loop).swap16();
    const file = { syntax: syntaxes.bigEndian, elements, pixels, pixelVr: 'OW' } as const;
    expect(await valuesOf(file, 0)).toEqual(ramp);
    expect(await valuesOf(file, 1)).toEqual(Uint8Array.from(ramp).reverse());
  });

  it('knows files without a preamble, and no other files', async () => {
    for (const syntax of [syntaxes.implicit, syntaxes.explicit]) {
      const bare = dicomFile({ syntax, elements: grey, pixels: ramp, hasPreamble: false });
      expect(isDicom(bare)).toBe(true);
      expect(await valuesOf(bare)).toEqual(ramp);
    }
    const whole = dicomFile({ elements: grey, pixels: ramp });
    expect(isDicom(whole)).toBe(true);
    expect(isDicom(whole.subarray(132))).toBe(true);
    expect(await valuesOf(whole.subarray(132))).toEqual(ramp);
    for (const other of ['', 'II*\0', '\b\0 any text', '\b\0']) {
      expect(isDicom(Buffer.from(other.padEnd(other === '' ? 0 : 300, ' ')))).toBe(false);
    }
  });

  it('takes the bits that count, and their sign', async () => {
    const twelve = Uint16Array.from(ramp16, (value) => value & 0xfff);
    const withOverlay = bytesOf(Uint16Array.from(twelve, (value) => value | 0xf000));
    const elements = wide({ bits: [16, 12, 11] });
    expect(await valuesOf({ elements, pixels: withOverlay })).toEqual(twelve);
    expect((await open({ elements, pixels: withOverlay })).bits).toBe(12);
    const high = bytesOf(Uint16Array.from(twelve, (value) => value << 4));
    expect(await valuesOf({ elements: wide({ bits: [16, 12, 15] }), pixels: high })).toEqual(
      twelve,
    );

    const signed = Int16Array.from({ length: pixels }, (_, i) => (i - 7) * 290);
    const file = { elements: wide({ isSigned: true }), pixels: bytesOf(signed) };
    expect(await valuesOf(file)).toEqual(signed);
    const narrow = bytesOf(Int16Array.from(signed, (value) => value & 0xfff));
    const of12 = wide({ isSigned: true, bits: [16, 12, 11] });
    expect(await valuesOf({ elements: of12, pixels: narrow })).toEqual(signed);
  });

  it('tells window, rescaling, inversion and patient', async () => {
    const elements: DicomElement[] = [
      ...pictureElements({ ...size, photometric: 'MONOCHROME1' }),
      { tag: 0x00281050, vr: 'DS', value: '40.5\\80' },
      { tag: 0x00281051, vr: 'DS', value: '400\\90' },
      { tag: 0x00281052, vr: 'DS', value: '-1024' },
      { tag: 0x00281053, vr: 'DS', value: '0.5' },
    ];
    expect(await open({ elements, pixels: ramp })).toMatchObject({
      window: { centre: 40.5, width: 400 },
      slope: 0.5,
      intercept: -1024,
      isInverted: true,
      patient: 'id-7',
      bits: 8,
      frames: 1,
    });
    const nobody = grey.map((e) => (e.tag === 0x00100020 ? { ...e, value: ' ' } : e));
    expect(await open({ elements: nobody, pixels: ramp })).toMatchObject({
      window: null,
      slope: 1,
      intercept: 0,
      isInverted: false,
      patient: null,
    });
  });
});

describe('colours', () => {
  it('reads RGB by pixel and by plane', async () => {
    for (const planar of [0, 1] as const) {
      const elements = pictureElements({ ...size, photometric: 'RGB', planar });
      const stored = planar === 0 ? colours : Buffer.concat(planes);
      expect(await valuesOf({ elements, pixels: stored })).toEqual(colours);
    }
  });

  it('turns YBR into RGB', async () => {
    const red = [76, 85, 255];
    const elements = pictureElements({ ...size, photometric: 'YBR_FULL' });
    const pixels15 = Uint8Array.from({ length: 45 }, (_, i) => red[i % 3]!);
    const values = await valuesOf({ elements, pixels: pixels15 });
    expect([...values.subarray(0, 3)]).toEqual([254, 0, 0]);

    const halved = pictureElements({ height: 1, width: 4, photometric: 'YBR_FULL_422' });
    const file = await open({
      elements: halved,
      pixels: Buffer.from([9, 7, 128, 128, 76, 0, 85, 255]),
    });
    const frame = await file.frame(0);
    expect(frame.ok && [...frame.value.data]).toEqual([9, 9, 9, 7, 7, 7, 254, 0, 0, 178, 0, 0]);
  });

  it('looks palettes up, of 8 and of 16 bits', async () => {
    const words = (of: (i: number) => number) => Array.from({ length: 16 }, (_, i) => of(i));
    const palette = (bits: number, table: readonly number[], first = 0): DicomElement[] => [
      ...pictureElements({ ...size, photometric: 'PALETTE COLOR' }),
      ...[0, 1, 2].flatMap((colour) => [
        { tag: 0x00281101 + colour, vr: 'US', value: [table.length, first, bits] },
        { tag: 0x00281201 + colour, vr: 'OW', value: table.map((v) => v >> colour) },
      ]),
    ];
    const indices = Uint8Array.from({ length: pixels }, (_, i) => i + 2);
    const of16 = {
      elements: palette(
        16,
        words((i) => i * 4001),
        2,
      ),
      pixels: indices,
    };
    const rgb = Uint16Array.from({ length: 45 }, (_, i) => (Math.floor(i / 3) * 4001) >> (i % 3));
    expect(await valuesOf(of16)).toEqual(rgb);
    expect((await open(of16)).bits).toBe(16);

    const bytes = Uint8Array.from({ length: 45 }, (_, i) => (Math.floor(i / 3) * 16) >> (i % 3));
    const inWords = {
      elements: palette(
        8,
        words((i) => i * 16),
        2,
      ),
      pixels: indices,
    };
    expect(await valuesOf(inWords)).toEqual(bytes);
    expect((await open(inWords)).bits).toBe(8);
    // Two entries in a word.
    const packed = inWords.elements.map((element) =>
      element.vr === 'OW'
        ? { ...element, value: Uint8Array.from(element.value as readonly number[]) }
        : element,
    );
    expect(await valuesOf({ elements: packed, pixels: indices })).toEqual(bytes);
    expect(await failureOf({ elements: packed.slice(0, -1), pixels: indices })).toBe(
      'DECODE_FAILED',
    );
  });

  it('joins the segments of a palette', async () => {
    const segments = [0, 2, 10, 20, 1, 4, 60, 2, 1, 0, 0];
    const elements: DicomElement[] = [
      ...pictureElements({ height: 1, width: 8, photometric: 'PALETTE COLOR' }),
      ...[0, 1, 2].flatMap((colour) => [
        { tag: 0x00281101 + colour, vr: 'US', value: [8, 0, 16] },
        { tag: 0x00281221 + colour, vr: 'OW', value: segments },
      ]),
    ];
    const frame = await (await open({ elements, pixels: Uint8Array.from(Array(8).keys()) })).frame(
      0,
    );
    const red = frame.ok ? [...frame.value.data].filter((_, i) => i % 3 === 0) : [];
    expect(red).toEqual([10, 20, 30, 40, 50, 60, 10, 20]);
  });
});

describe('run lengths', () => {
  it('reads 8 and 16 bits, grey and colour', async () => {
    const syntax = syntaxes.rle;
    expect(await valuesOf({ syntax, elements: grey, pixels: [rleFrame([ramp])] })).toEqual(ramp);
    const flat = new Uint8Array(pixels).fill(9);
    expect(await valuesOf({ syntax, elements: grey, pixels: [rleFrame([flat])] })).toEqual(flat);
    const [high, low] = [8, 0].map((shift) => Uint8Array.from(ramp16, (v) => (v >> shift) & 255));
    const words = { syntax, elements: wide(), pixels: [rleFrame([high!, low!])] };
    expect(await valuesOf(words)).toEqual(ramp16);
    const rgb = pictureElements({ ...size, photometric: 'RGB', planar: 1 });
    expect(await valuesOf({ syntax, elements: rgb, pixels: [rleFrame(planes)] })).toEqual(colours);
  });

  it('refuses damaged ones', async () => {
    const cut = rleFrame([ramp]).subarray(0, 70);
    const file = { syntax: syntaxes.rle, elements: grey, pixels: [cut] };
    expect(await failureOf(file)).toBe('DECODE_FAILED');
  });
});

describe('physical size', () => {
  const region = (
    [left, top, right, bottom]: readonly number[],
    { delta = 0.05, unit = 3, format = 1, data = 1 } = {},
  ): DicomElement[] => [
    { tag: 0x00186012, vr: 'US', value: [format] },
    { tag: 0x00186014, vr: 'US', value: [data] },
    { tag: 0x00186018, vr: 'UL', value: [left!] },
    { tag: 0x0018601a, vr: 'UL', value: [top!] },
    { tag: 0x0018601c, vr: 'UL', value: [right!] },
    { tag: 0x0018601e, vr: 'UL', value: [bottom!] },
    { tag: 0x00186024, vr: 'US', value: [unit] },
    { tag: 0x00186026, vr: 'US', value: [unit] },
    { tag: 0x0018602c, vr: 'FD', value: [delta] },
    { tag: 0x0018602e, vr: 'FD', value: [-2 * delta] },
  ];
  const withRegions = (...items: DicomElement[][]): DicomFile => ({
    elements: [...grey, { tag: 0x00186011, vr: 'SQ', value: items }],
    pixels: ramp,
  });
  const spacing = { rowMm: 1, columnMm: 0.5 };

  it('takes the region of tissue that covers the centre', async () => {
    const trace = region([0, 0, 4, 2], { unit: 4, format: 3, data: 4 });
    const flow = region([1, 1, 3, 1], { data: 2, delta: 0.09 });
    const aside = region([3, 0, 4, 2], { delta: 0.01 });
    const file = await open(withRegions(trace, flow, aside, region([1, 0, 2, 1])));
    expect(file).toMatchObject({ spacing, region: { top: 0, left: 1, bottom: 2, right: 3 } });
    expect(await open(withRegions(trace))).toMatchObject({ spacing: null, region: null });
  });

  it('cuts a region that ends beyond one side, and believes none that ends beyond both', async () => {
    const cut = await open(withRegions(region([1, 1, 4, 9])));
    expect(cut).toMatchObject({ spacing, region: { top: 1, left: 1, bottom: 3, right: 5 } });
    const beyond = await open(withRegions(region([1, 1, 9, 9])));
    expect(beyond).toMatchObject({ spacing: null, region: null });
  });

  it('falls back on PixelSpacing, then on ImagerPixelSpacing', async () => {
    const imager = { tag: 0x00181164, vr: 'DS', value: '0.3\\0.2' };
    const pixel = { tag: 0x00280030, vr: 'DS', value: '1\\0.5' };
    const both = { elements: [...grey, imager, pixel], pixels: ramp };
    expect((await open(both)).spacing).toEqual(spacing);
    const one = { elements: [...grey, imager], pixels: ramp };
    expect((await open(one)).spacing).toEqual({ rowMm: 0.3, columnMm: 0.2 });
    expect((await open({ elements: grey, pixels: ramp })).spacing).toBeNull();
  });
});

describe('files that cannot be read', () => {
  it('says that a file cut short is incomplete, wherever it ends', async () => {
    for (const syntax of [syntaxes.implicit, syntaxes.explicit, syntaxes.bigEndian]) {
      const whole = dicomFile({ syntax, elements: wide(), pixels: bytesOf(ramp16) });
      const pixelsStart = whole.length - 30;
      for (const length of [pixelsStart - 20, pixelsStart - 3, pixelsStart + 1, whole.length - 1]) {
        expect(await failureOf(whole.subarray(0, length))).toBe('TRUNCATED');
      }
    }
    const deflated = dicomFile({ syntax: syntaxes.deflated, elements: grey, pixels: ramp });
    expect(await failureOf(deflated.subarray(0, -20))).toBe('TRUNCATED');
    const runs = { syntax: syntaxes.rle, elements: pictureElements({ ...size, frames: 2 }) };
    const loop = dicomFile({ ...runs, pixels: [rleFrame([ramp]), rleFrame([ramp])] });
    const frame = rleFrame([ramp]).length + 8;
    for (const end of [20, 8 + frame, 8 + frame + 4, frame]) {
      expect(await failureOf(loop.subarray(0, -end))).toBe('TRUNCATED');
    }
  });

  it('refuses pictures that are too large, of other syntaxes, without pixels', async () => {
    expect(await failureOf({ elements: grey, pixels: ramp }, 14)).toBe('TOO_MANY_PIXELS');
    for (const syntax of ['1.2.840.10008.1.2.4.102', '1.2.840.10008.1.2.4.201', '1.2.3.SECRET']) {
      expect(await failureOf({ syntax, elements: grey, pixels: [ramp] })).toBe(
        'UNSUPPORTED_SAMPLES',
      );
    }
    const oneBit = pictureElements({ ...size, bits: [1, 1, 0] });
    expect(await failureOf({ elements: oneBit, pixels: ramp })).toBe('UNSUPPORTED_SAMPLES');
    const odd = pictureElements({ ...size, photometric: 'SECRET' });
    expect(await failureOf({ elements: odd, pixels: colours })).toBe('UNSUPPORTED_SAMPLES');
    expect(await failureOf({ elements: grey, pixels: ramp.subarray(0, 6) })).toBe('DECODE_FAILED');
    expect(await failureOf({ elements: grey, pixels: [ramp] })).toBe('DECODE_FAILED');
  });

  it('has no frame beyond the last', async () => {
    const file = await open({ elements: grey, pixels: ramp });
    expect(await file.frame(1)).toMatchObject({ ok: false, failure: { code: 'DECODE_FAILED' } });
  });
});
