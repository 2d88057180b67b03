import { describe, expect, test } from 'vitest';
import type { Frame, SampleArray } from '../../src/formats/frames.js';
import { type MaskSettings, maskOfFrame, usualMasks } from '../../src/labels/mask-of-frame.js';

const height = 10;
const width = 12;
const plain = { isLossy: false, isInverted: false };

/** 5 x 6 pixels of `first` in the middle, `second` in its lower two rows, 0 elsewhere. */
function boxes(first: number, second = first): number[] {
  return Array.from({ length: height * width }, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    if (row < 2 || row >= 8 || column < 3 || column >= 8) return 0;
    return row >= 5 ? second : first;
  });
}

const truth = boxes(1);
const grey = (data: SampleArray): Frame => ({
  height,
  width,
  data,
  stride: 1,
  colours: 1,
  hasAlpha: false,
});

function read(frame: Frame, context = plain, settings: Partial<MaskSettings> = {}) {
  const result = maskOfFrame(frame, context, { ...usualMasks, ...settings });
  if (!result.ok) throw new Error(result.failure.message);
  const { mask, notes } = result.value;
  return { mask: [...mask.data], codes: notes.map(({ code }) => code) };
}

describe('labels: every one but 0 is foreground', () => {
  test.each([
    ['0 and 1', Uint8Array.from(boxes(1))],
    ['0 and 255', Uint8Array.from(boxes(255))],
    ['2 and 7', Uint8Array.from(boxes(2, 7))],
    ['150 and 255', Uint8Array.from(boxes(150, 255))],
    ['float32', Float32Array.from(boxes(1))],
    ['float64', Float64Array.from(boxes(3))],
    ['signed', Int16Array.from(boxes(-1, 1))],
    ['32 bits', Int32Array.from(boxes(1, 70_000))],
    ['unsigned 32 bits', Uint32Array.from(boxes(1, 4_000_000_000))],
    ['16 bits', Uint16Array.from(boxes(1, 300))],
    [
      'float, nothing where there is no number',
      Float32Array.from(boxes(1), (v) => v || Number.NaN),
    ],
  ])('%s', (_, data) => {
    expect(read(grey(data))).toEqual({ mask: truth, codes: [] });
  });

  test.each([
    ['1 and 255', Uint8Array.from(boxes(1, 255))],
    ['1 and 65535', Uint16Array.from(boxes(1, 65_535))],
  ])('%s in one mask, and it is told', (_, data) => {
    expect(read(grey(data))).toEqual({ mask: truth, codes: ['MASK_MIXED_LABELS'] });
  });

  test('one of them is taken alone', () => {
    const second = boxes(0, 1);
    expect(read(grey(Uint8Array.from(boxes(1, 2))), plain, { label: 2 }).mask).toEqual(second);
    expect(read(grey(Uint8Array.from(boxes(1, 255))), plain, { label: 255 }).mask).toEqual(second);
    expect(read(grey(Float32Array.from(boxes(1, 2))), plain, { label: 2 }).mask).toEqual(second);
  });
});

describe('grey steps: half of the range decides', () => {
  const soft = boxes(255).map((value, at) => (at % width === 3 && value > 0 ? 60 : value));
  const hard = soft.map((value) => +(value === 255));

  test('a thin edge of one grey is no label, and is told', () => {
    expect(read(grey(Uint8Array.from(soft)))).toEqual({ mask: hard, codes: ['MASK_SOFT_EDGE'] });
  });

  test('many greys, as ever, but that they are a photograph is told', () => {
    const steps = boxes(0).map((_, at) => (at * 2) % 256);
    const half = steps.map((value) => +(value >= 128));
    expect(read(grey(Uint8Array.from(steps)))).toEqual({
      mask: half,
      codes: ['MASK_LOOKS_LIKE_PHOTOGRAPH'],
    });
    expect(read(grey(Float32Array.from(steps, (value) => value / 256))).mask).toEqual(half);
    expect(read(grey(Float32Array.from(steps, (value) => value + 0.25))).mask).toEqual(half);
  });

  test('a JPEG has no labels; one that is all faint is told', () => {
    const lossy = { isLossy: true, isInverted: false };
    expect(read(grey(Uint8Array.from(boxes(2, 255))), lossy).mask).toEqual(boxes(0, 1));
    expect(read(grey(Uint8Array.from(boxes(1))), lossy)).toEqual({
      mask: boxes(0),
      codes: ['MASK_TOO_FAINT'],
    });
    expect(read(grey(new Uint8Array(height * width)), lossy).codes).toEqual([]);
  });
});

describe('of several values a pixel', () => {
  const interleaved = (pixel: (inside: number) => readonly number[]) =>
    Uint8Array.from(truth.flatMap(pixel));

  test('the strongest colour counts, and not the opacity', () => {
    const data = interleaved((inside) => [0, 200 * inside, 0, 255]);
    expect(read({ ...grey(data), stride: 4, colours: 3, hasAlpha: true }).mask).toEqual(truth);
  });

  test.each([0, 255])('the opacity where all is of one colour, %i', (colour) => {
    const rgba = interleaved((inside) => [colour, colour, colour, 255 * inside]);
    expect(read({ ...grey(rgba), stride: 4, colours: 3, hasAlpha: true }).mask).toEqual(truth);
    const greyAndAlpha = interleaved((inside) => [colour, inside]);
    const frame = { ...grey(greyAndAlpha), stride: 2, hasAlpha: true };
    expect(read(frame).mask).toEqual(truth);
  });
});

describe('polarity', () => {
  const around = truth.map((value) => 1 - value);
  const inverted = { isLossy: false, isInverted: true };
  const frame = grey(Uint8Array.from(truth));

  test('by the tag the surroundings, and it is told', () => {
    expect(read(frame, inverted)).toEqual({
      mask: around,
      codes: ['MASK_POLARITY_UNSURE', 'MASK_COVERS_MOST', 'MASK_ON_BORDER'],
    });
  });

  test('settled by the option', () => {
    expect(read(frame, inverted, { polarity: 'white' })).toEqual({ mask: around, codes: [] });
    expect(read(frame, inverted, { polarity: 'black' })).toEqual({ mask: truth, codes: [] });
    expect(read(frame, plain, { polarity: 'black' })).toEqual({ mask: around, codes: [] });
  });
});
