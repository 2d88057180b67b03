import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseSubmission } from '../../src/store/submission-csv.js';
import { type DicomElement, dicomFile, pictureElements } from '../support/dicom-file.js';
import { exported } from '../support/exported.js';
import { describeWithReaders, python, runReader } from '../support/foreign-readers.js';
import { RawFolder } from '../support/raw-folder.js';
import { runOnce } from '../support/running-pipeline.js';
import { sharedData } from '../support/shared-data.js';
import { bytesOfValues } from '../support/tiff-pages.js';

let folder: RawFolder;
let to: string;

beforeEach(async () => {
  folder = await RawFolder.make();
  to = join(folder.home, 'export');
  await folder.pairs(2, 2);
});
afterEach(async () => await folder.delete());

const size = { height: 30, width: 37 };
const root = '1.2.826.0.1.3680043.9.9';
const multiframe = '1.2.840.10008.5.1.4.1.1.3.1';
const single = '1.2.840.10008.5.1.4.1.1.6.1';

const identityOf = (instance: number, sopClass: string): DicomElement[] => [
  { tag: 0x00080016, vr: 'UI', value: sopClass },
  { tag: 0x00080018, vr: 'UI', value: `${root}.${instance}` },
  { tag: 0x00080020, vr: 'DA', value: '20200102' },
  { tag: 0x00080030, vr: 'TM', value: '101112' },
  { tag: 0x0020000d, vr: 'UI', value: `${root}.100` },
  { tag: 0x0020000e, vr: 'UI', value: `${root}.200` },
];

/** A picture or a loop as a scanner writes it. */
function scan(instance: number, frames: number, more: readonly DicomElement[] = []): Buffer {
  const identity = identityOf(instance, frames > 1 ? multiframe : single);
  const pixels = Uint8Array.from(
    { length: frames * size.height * size.width },
    (_, at) => (at * instance * 7 + (at >> 9) * 31) % 256,
  );
  const elements = [...pictureElements({ ...size, frames }), ...identity, ...more];
  return dicomFile({ elements, pixels, pixelVr: 'OB' });
}

/** A picture of 16 bits. */
function deepScan(instance: number, brightest: number): Buffer {
  const values = Uint16Array.from({ length: size.height * size.width }, (_, at) => at % brightest);
  const elements = [
    ...pictureElements({ ...size, bits: [16, 16, 15] }),
    ...identityOf(instance, single),
  ];
  return dicomFile({ elements, pixels: bytesOfValues(values), pixelVr: 'OW' });
}

const errorsIn = (path: string) => {
  // It ends with 1 where there are errors.
  const said = execFileSync('sh', ['-c', 'dciodvfy -new "$1" 2>&1 || true', 'sh', path], {
    encoding: 'utf8',
  });
  expect(said).toContain('Segmentation');
  return said.split('\n').filter((line) => line.startsWith('Error'));
};

/** Bits of the pixel data, which dcmtk writes to a file. */
const rowsOfFrames = `
import json, sys, numpy as np
path, h, w, n = sys.argv[1], *map(int, sys.argv[2:])
bits = np.unpackbits(np.fromfile(path, np.uint8), bitorder='little')[:h * w * n].reshape(n, h, w)
def rle(mask):
    flat = np.concatenate([[0], mask.T.flatten().astype(int), [0]])
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    return ' '.join(f'{a} {b - a}' for a, b in zip(edges[::2], edges[1::2]))
print(json.dumps([rle(frame) for frame in bits]))`;

async function framesIn(path: string, frames: number, { height, width } = size) {
  const pixels = join(folder.home, 'pixels');
  await mkdir(pixels, { recursive: true });
  runReader('dcmdump', ['+W', pixels, path]);
  const [name] = (await readdir(pixels)).filter((file) => path.endsWith(file.split('.0.raw')[0]!));
  return python(rowsOfFrames, join(pixels, name!), ...[height, width, frames].map(String));
}

const rows = async () =>
  parseSubmission(await readFile(join(folder.store, 'submission.csv'), 'utf8'));
const exportedFile = (name: string) => join(to, 'dicom-seg', name);

test('images of 16 bits count as unchanged, whose black and white are those of their subject', async () => {
  await folder.write('test/5.dcm', deepScan(5, 200));
  await folder.write('test/6.dcm', deepScan(6, 1100));
  await runOnce(folder);
  const [report] = await exported(folder, ['dicom-seg'], to);
  expect(report).toMatchObject({ type: 'export.written', images: 2, leftOut: [] });
});

describeWithReaders('dicom-seg, read by dicom3tools and dcmtk', () => {
  test('has a valid object a file, which refers to it, with the masks to the pixel', async () => {
    await folder.write('test/7.dcm', scan(7, 3));
    await folder.write('test/8.dcm', scan(8, 1));
    await folder.image('test/9.tif', 9);
    const flags = { spacing: '0.25' };
    const { recorder } = await runOnce(folder, { flags });
    const [report] = await exported(folder, ['dicom-seg'], to, flags);
    expect(report).toMatchObject({
      type: 'export.written',
      images: 4,
      leftOut: [{ code: 'NOT_DICOM', count: 1, examples: ['9'] }],
    });
    expect(errorsIn(exportedFile('7.dcm'))).toEqual([]);
    expect(errorsIn(exportedFile('8.dcm'))).toEqual([]);
    const csv = await rows();
    expect(await framesIn(exportedFile('7.dcm'), 3)).toEqual(
      ['7#1', '7#2', '7#3'].map((id) => csv.get(id)),
    );
    expect(await framesIn(exportedFile('8.dcm'), 1)).toEqual([csv.get('8')]);

    const text = runReader('dcmdump', [exportedFile('7.dcm')]);
    expect(text).toMatch(/SOPClassUID/);
    expect(text.match(/ReferencedFrameNumber/g)).toHaveLength(3);
    expect(text).toContain(`[${root}.7]`);
    expect(text).toContain(`[${root}.100]`);
    expect(text).toMatch(/\(0028,0030\) DS \[0\.25\\0\.25\]/);
    expect(text).toMatch(/\(0010,0010\) PN \[SECRET\^NAME\]/);
    // Of the patient nothing is anywhere else.
    const told = JSON.stringify([
      recorder.all,
      report,
      await readFile(exportedFile('export.json'), 'utf8'),
    ]);
    expect(told).not.toMatch(/SECRET|id-7/);

    const first = await readFile(exportedFile('7.dcm'));
    await exported(folder, ['dicom-seg'], to, flags);
    expect((await readFile(exportedFile('7.dcm'))).equals(first)).toBe(true);
  });

  test('says what has no UIDs, and has another label where that is wanted', async () => {
    const { height, width } = size;
    const bare = { elements: pictureElements(size), pixels: new Uint8Array(height * width + 1) };
    await folder.write('test/1.dcm', dicomFile(bare));
    await folder.write('test/2.dcm', scan(2, 1));
    await runOnce(folder);
    const [report] = await exported(folder, ['dicom-seg'], to, {
      exportLabel: `Köpfchen \\ ${'o'.repeat(80)}`,
    });
    expect(report).toMatchObject({ images: 1, leftOut: [{ code: 'NO_UID', examples: ['1'] }] });
    expect(errorsIn(exportedFile('2.dcm'))).toEqual([]);
    expect(runReader('dcmdump', ['+U8', exportedFile('2.dcm')])).toContain('[Köpfchen / oo');
  });

  const real = sharedData('dicom');
  test.skipIf(!existsSync(real))('is valid of files of real scanners', async () => {
    const names = (await readdir(real)).filter((name) => name.endsWith('.dcm'));
    for (const [nth, name] of names.entries()) {
      await folder.write(`test/${nth}.dcm`, await readFile(join(real, name)));
    }
    await runOnce(folder);
    const [report] = await exported(folder, ['dicom-seg'], to);
    expect(report).toMatchObject({ type: 'export.written', images: 37, leftOut: [] });
    const csv = await rows();
    for (const [nth, name] of names.entries()) {
      const path = exportedFile(`${nth}.dcm`);
      expect(errorsIn(path), name).toEqual([]);
      if (name !== 'examples_ybr_color.dcm') continue;
      const loop = Array.from({ length: 30 }, (_, frame) => csv.get(`${nth}#${frame + 1}`));
      expect(await framesIn(path, 30, { height: 240, width: 320 })).toEqual(loop);
    }
  });
});
