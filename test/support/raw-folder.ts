import { mkdir, mkdtemp, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { removeFolder } from './temporary-folder.js';
import { tiffFile } from './tiff-file.js';

const usualSize = { height: 20, width: 24 };

/** A home with a raw/ and a store/ on the real disk, and small TIFFs made from a number. */
export class RawFolder {
  readonly raw: string;
  readonly store: string;

  private constructor(readonly home: string) {
    this.raw = join(home, 'raw');
    this.store = join(home, 'store');
  }

  static async make(): Promise<RawFolder> {
    const folder = new RawFolder(await mkdtemp(join(tmpdir(), 'nerveflow-streams-')));
    await mkdir(join(folder.raw, 'train'), { recursive: true });
    await mkdir(join(folder.raw, 'test'));
    return folder;
  }

  async image(path: string, seed: number, size = usualSize): Promise<void> {
    await this.write(path, imageBytes(seed, size));
  }

  async mask(path: string, seed: number, size = usualSize): Promise<void> {
    await this.write(path, maskBytes(seed, size));
  }

  /** `train/S_N.tif` and its mask. */
  async pair(id: string, seed: number): Promise<void> {
    await this.image(`train/${id}.tif`, seed);
    await this.mask(`train/${id}_mask.tif`, seed);
  }

  async pairs(subjects: number, perSubject: number): Promise<void> {
    for (let subject = 1; subject <= subjects; subject++) {
      for (let nth = 1; nth <= perSubject; nth++) {
        await this.pair(`${subject}_${nth}`, subject * 100 + nth);
      }
    }
  }

  async write(path: string, bytes: Uint8Array | string): Promise<void> {
    await mkdir(dirname(join(this.raw, path)), { recursive: true });
    await writeFile(join(this.raw, path), bytes);
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.raw, path), { recursive: true, force: true });
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(join(this.raw, from), join(this.raw, to));
  }

  /** Other times, same bytes. */
  async touch(path: string): Promise<void> {
    const now = new Date();
    await utimes(join(this.raw, path), now, now);
  }

  async stat(path: string) {
    return await stat(join(this.raw, path));
  }

  async delete(): Promise<void> {
    removeFolder(this.home);
  }
}

/** Grey blocks: what survives averaging down to a small network. */
export function imageBytes(seed: number, { height, width } = usualSize): Uint8Array {
  const samples = Array.from({ length: height * width }, (_, index) => {
    const row = Math.floor(index / width / 5);
    const column = Math.floor((index % width) / 6);
    return (seed * 53 + row * 91 + column * 37) % 256;
  });
  return tiffFile({ height, width }, samples);
}

export function maskBytes(seed: number, { height, width } = usualSize): Uint8Array {
  const samples = Array.from({ length: height * width }, (_, index) =>
    (Math.floor(index / width / 5) + seed) % 2 === 0 ? 255 : 0,
  );
  return tiffFile({ height, width }, samples);
}
