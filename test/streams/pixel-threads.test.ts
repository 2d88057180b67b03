import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage, decodeMask } from '../../src/operators/decode.js';
import { sha256 } from '../../src/operators/fingerprint.js';
import { openFile } from '../../src/operators/open-file.js';
import { resizeImage, resizeMask } from '../../src/operators/resize.js';
import type { CodedImage } from '../../src/operators/source-image.js';
import type { PixelThreads } from '../../src/streams/intake/pixel-threads.js';
import { sharedData } from '../support/shared-data.js';
import { tiffFile } from '../support/tiff-file.js';

/** Threads run what was built; here TypeScript runs as it is. */
const built = new URL('../../dist/streams/intake/pixel-threads.js', import.meta.url);
const size = { height: 8, width: 10 };
const maxPixels = 10_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nerveflow-threads-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe.skipIf(!existsSync(built))('threads', () => {
  const start = async (...options: [most?: number, module?: string]): Promise<PixelThreads> => {
    const { PixelThreads: Threads } = (await import(built.href)) as {
      PixelThreads: typeof PixelThreads;
    };
    return new Threads(...options);
  };
  const coded = (
    bytes: Uint8Array<ArrayBuffer>,
    kind: CodedImage['kind'] = 'image',
  ): CodedImage => ({
    is: 'coded',
    kind,
    bytes,
    isMovable: true,
    maxPixels,
    reading: {},
    isAsUsual: true,
  });
  const fileOf = (seed: number, values: number, most = 255) =>
    Uint8Array.from(
      tiffFile(
        { height: 30, width: 40 },
        Uint8Array.from(
          { length: 1200 },
          (_, at) => ((at * seed) % values) * (most / (values - 1)),
        ),
      ),
    );

  it('make the very pixels that are made without them, of many files at once', async () => {
    const threads = await start();
    const made = Array.from({ length: 40 }, async (_, nth) => {
      const kind = nth % 2 === 0 ? 'image' : 'mask';
      // Of masks 0 and 255, or labels up to 5.
      const [values, most] = [[6], [2], [6], [6, 5]][nth % 4] as [number, number?];
      const bytes = fileOf(nth + 3, values, most);
      const decoded = await (kind === 'image' ? decodeImage : decodeMask)(bytes, { maxPixels });
      if (!decoded.ok) throw new Error(decoded.failure.message);
      const { data } = await (kind === 'image' ? resizeImage : resizeMask)(decoded.value, size);
      const answer = await threads.resize(coded(bytes, kind), size);
      const image = { originalHeight: 30, originalWidth: 40, pixels: data };
      expect(answer).toEqual({ type: 'resized', image });
    });
    await Promise.all(made);
  });

  it('read and hash whole files, and say what keeps them from it', async () => {
    const threads = await start();
    const path = (name: string) => join(folder, name);
    const contents = new Map(
      Array.from({ length: 20 }, (_, nth) => [path(`${nth}`), fileOf(nth + 3, 6)]),
    );
    contents.set(path('empty'), new Uint8Array());
    for (const [name, bytes] of contents) await writeFile(name, bytes);
    await mkdir(path('folder'));
    const reads = Array.from(contents, async ([name, bytes]) => {
      const answer = await threads.read(name);
      expect(answer).toMatchObject({ type: 'read', sha256: sha256(bytes) });
      if (answer?.type === 'read') expect(Buffer.compare(answer.bytes, bytes)).toBe(0);
    });
    await Promise.all(reads);
    expect(await threads.read(path('nothing'))).toEqual({ type: 'unreadable', code: 'ENOENT' });
    expect(await threads.read(path('folder'))).toEqual({ type: 'unreadable', code: 'EISDIR' });
  });

  it('hand other files back to whoever asks', async () => {
    const threads = await start();
    const isLeft = async (bytes: Uint8Array<ArrayBuffer>, limit = maxPixels) => {
      const answer = await threads.resize({ ...coded(bytes.slice()), maxPixels: limit }, size);
      expect(answer).toMatchObject({ type: 'left', image: { bytes } });
    };
    await isLeft(new TextEncoder().encode('no image'));
    await isLeft(fileOf(3, 6).slice(0, 900));
    await isLeft(fileOf(3, 6), 100);
    // Values on both sides of half of the range: labels or soft edges, which takes a closer look.
    const bytes = fileOf(5, 6);
    const answer = await threads.resize(coded(bytes.slice(), 'mask'), size);
    expect(answer).toMatchObject({ type: 'left', image: { bytes, kind: 'mask' } });
  });

  const j2k = sharedData('dicom/US1_J2KR.dcm');
  const loop = sharedData('dicom/examples_ybr_color.dcm');

  it.skipIf(!existsSync(loop))(
    'open files, whose frames are the very ones that are made here',
    async () => {
      const threads = await start(1);
      const image = (path: string) =>
        ({ kind: 'image', bytes: Uint8Array.from(readFileSync(path)) }) as const;
      const [here, single] = await Promise.all([
        openFile(image(loop), 1e6, {}),
        openFile(image(j2k), 1e6, {}),
      ]);
      const open = (path: string) => threads.open({ ...image(path), isMovable: true }, 1e6, {});
      const [aside, other] = await Promise.all([open(loop), open(j2k)]);
      if (!here.ok || !single.ok || !aside.ok || !other.ok) throw new Error('cannot be opened');
      expect(aside.value.notes).toEqual(here.value.notes);
      expect(aside.value.notes.frames).toBe(30);
      for (const number of [0, 29, 7]) {
        expect(await aside.value.read(number)).toEqual(await here.value.read(number));
      }
      aside.value.close();
      expect(await other.value.read(0)).toEqual(await single.value.read(0));
      expect((await other.value.read(5)).ok).toBe(false);
      other.value.close();
      const nothing = { ...image(j2k), bytes: new Uint8Array(3), isMovable: true };
      expect(await threads.open(nothing, 1e6, {})).toMatchObject({ ok: false });
    },
  );

  it.skipIf(!existsSync(j2k))(
    'leave the main thread to others while a slow frame is decoded',
    async () => {
      const threads = await start(1);
      const bytes = () => Uint8Array.from(readFileSync(j2k));
      const busyMs = async (open: () => ReturnType<typeof openFile>) => {
        const before = performance.eventLoopUtilization();
        const file = await open();
        if (!file.ok) throw new Error(file.failure.message);
        await file.value.read(0);
        file.value.close();
        return performance.eventLoopUtilization(before).active;
      };
      const here = () => openFile({ kind: 'image', bytes: bytes() }, 1e6, {});
      const aside = () => threads.open({ kind: 'image', bytes: bytes(), isMovable: true }, 1e6, {});
      await busyMs(here);
      await busyMs(aside);
      expect(await busyMs(aside)).toBeLessThan((await busyMs(here)) / 3);
    },
  );

  it('that fail are done without: what they had is told as lost, later bytes are left alone', async () => {
    const broken = join(folder, 'broken.mjs');
    await writeFile(broken, "throw new Error('cannot start');");
    const threads = await start(2, broken);
    const make = () => threads.resize(coded(fileOf(3, 6)), size);
    const lost = { type: 'lost' };
    expect(await Promise.all([make(), threads.read(broken), make()])).toEqual([lost, null, lost]);
    expect(await make()).toEqual({ type: 'left', image: coded(fileOf(3, 6)) });
    expect(await threads.read(broken)).toBe(null);
    const file = () => ({ kind: 'image', bytes: fileOf(3, 6), isMovable: true }) as const;
    expect(await (await start(2, broken)).open(file(), maxPixels, {})).toMatchObject({
      failure: { code: 'BYTES_LOST' },
    });
    const opened = await threads.open(file(), maxPixels, {});
    expect(opened.ok && (await opened.value.read(0)).ok).toBe(true);
  });
});
