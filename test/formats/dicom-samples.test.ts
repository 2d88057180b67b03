import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isDicom, openDicom } from '../../src/formats/dicom.js';
import type { Frame, FrameFile } from '../../src/formats/frames.js';
import { sharedData } from '../support/shared-data.js';

const folder = sharedData('dicom');
const files = [
  'US1_J2KI.dcm',
  'US1_J2KR.dcm',
  'US1_UNCR.dcm',
  'examples_palette.dcm',
  'examples_rgb_color.dcm',
  'examples_ybr_color.dcm',
  'gdcm-US-ALOKA-16.dcm',
  'gdcm-US-ALOKA-16_big.dcm',
] as const;
type FileName = (typeof files)[number];

const bytesOf = (name: FileName) => new Uint8Array(readFileSync(join(folder, name)));

async function open(name: FileName): Promise<FrameFile> {
  const file = await openDicom(bytesOf(name), 1e6);
  if (!file.ok) throw new Error(file.failure.message);
  return file.value;
}

async function frameOf(name: FileName, number = 0): Promise<Frame> {
  const frame = await (await open(name)).frame(number);
  if (!frame.ok) throw new Error(frame.failure.message);
  return frame.value;
}

const samePixels = (a: Frame, b: Frame) =>
  Buffer.compare(Uint8Array.from(a.data), Uint8Array.from(b.data)) === 0;

describe.skipIf(!existsSync(folder))('DICOM files of scanners', () => {
  it('decodes every frame of every file', { timeout: 60_000 }, async () => {
    const frames: number[] = [];
    for (const name of files) {
      expect(isDicom(bytesOf(name))).toBe(true);
      const file = await open(name);
      frames.push(file.frames);
      for (let number = 0; number < file.frames; number++) {
        const { data, height, width, stride } = await frameOf(name, number);
        expect(data.length).toBe(height * width * stride);
        // A picture, not one colour.
        expect(new Set(data).size).toBeGreaterThan(20);
      }
    }
    expect(frames).toEqual([1, 1, 1, 1, 1, 30, 1, 1]);
  });

  it('gives the same pixels for the same picture, however it is written', async () => {
    const plain = await frameOf('US1_UNCR.dcm');
    expect(plain).toMatchObject({ height: 480, width: 640, colours: 3, stride: 3 });
    expect(samePixels(await frameOf('US1_J2KR.dcm'), plain)).toBe(true);
    const aloka = await frameOf('gdcm-US-ALOKA-16.dcm');
    expect(samePixels(await frameOf('gdcm-US-ALOKA-16_big.dcm'), aloka)).toBe(true);
  });

  it('comes close to the picture where the compression is lossy', async () => {
    const plain = await frameOf('US1_UNCR.dcm');
    const lossy = await frameOf('US1_J2KI.dcm');
    let distance = 0;
    for (const [i, value] of plain.data.entries()) distance += Math.abs(value - lossy.data[i]!);
    expect(distance / plain.data.length).toBeLessThan(3);
  });

  it('looks colours up in palettes, written out or in segments', async () => {
    for (const name of ['examples_palette.dcm', 'gdcm-US-ALOKA-16.dcm'] as const) {
      // 16 bits are announced, but of each entry the high byte alone counts, or both are the same.
      expect((await open(name)).bits).toBe(8);
      const { data, colours } = await frameOf(name);
      expect(colours).toBe(3);
      const black = data.filter((value) => value === 0).length;
      expect(black).toBeGreaterThan(data.length / 10);
      expect(Math.max(...new Set(data))).toBeGreaterThan(250);
    }
  });

  it('knows spacing and region of tissue from the ultrasound regions', async () => {
    const palette = await open('examples_palette.dcm');
    expect(palette.spacing?.columnMm).toBeCloseTo(0.262288, 6);
    expect(palette.spacing?.rowMm).toBeCloseTo(0.262288, 6);
    // The picture is the upper part of the scanner's screen, and so is its region.
    expect(palette.region).toEqual({
      ...{ top: 60, left: 120, bottom: 350, right: 800 },
      of: { height: 350, width: 800 },
    });

    for (const name of ['gdcm-US-ALOKA-16.dcm', 'gdcm-US-ALOKA-16_big.dcm'] as const) {
      const aloka = await open(name);
      expect(aloka.spacing?.columnMm).toBeCloseTo(0.382653, 6);
      expect(aloka.region).toEqual({
        ...{ top: 24, left: 32, bottom: 416, right: 336 },
        of: { height: 480, width: 640 },
      });
    }
    expect(await open('US1_UNCR.dcm')).toMatchObject({ spacing: null, region: null });
  });

  it('believes no region that ends beyond both sides of the picture', async () => {
    // The loop is its screen at half size: the scale at its side shows 19 cm in 185 rows, which the
    // region's spacing would make 9.4 cm.
    expect(await open('examples_ybr_color.dcm')).toMatchObject({ spacing: null, region: null });
  });
});
