import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { tiffOfPages } from '../support/tiff-pages.js';
import type { SeededChoice } from './seeded-choice.js';

/** How many subjects, images a subject and test images there can be at once. */
const room = { subjects: 5, perSubject: 7, test: 40 };
/** A folder is never emptied below this, so that there is always something to do. */
const leastPairs = 10;
const leastTest = 6;
/** Of the pool's images and of stacks. */
const size = { height: 96, width: 128 };

/**
 * What people and scanners do to a folder while a program watches it: images and masks come, are
 * replaced, renamed and deleted, some are broken, some arrive in two parts; some are stacks of frames,
 * and a table of masks comes, changes and goes.
 */
export class FolderLoad {
  /** Files that are no images although they are named like some. */
  private readonly broken = new Set<string>();
  /** The second parts of files of which only the first has arrived. */
  private readonly unfinished = new Map<string, Buffer>();
  /** Files of several frames, and how many. */
  private readonly stacks = new Map<string, number>();
  /** Ids that train_masks.csv has masks of. */
  private listed = new Set<string>();

  constructor(
    private readonly raw: string,
    /** A data set from which images and masks are taken. */
    private readonly pool: string,
    private readonly choice: SeededChoice,
  ) {
    for (const split of ['train', 'test']) mkdirSync(join(raw, split), { recursive: true });
  }

  /** Puts enough in to train on. */
  fill(pairs: number, test: number): void {
    for (const stem of this.freeStems().slice(0, pairs)) this.putPair(stem);
    for (let nth = 0; nth < test; nth++) this.putTest();
  }

  /** One random change. */
  step(): void {
    const { choice } = this;
    const change = choice.below(100);
    if (this.unfinished.size > 0 && choice.happens(0.5)) this.finishOne();
    else if (change < 22 || this.files('test').length < leastTest) this.putTest();
    else if (change < 32) this.replace(choice.one(this.files('test')));
    else if (change < 46) this.rename('test');
    else if (change < 60) this.remove(choice.one(this.files('test')));
    else if (change < 70) this.putPair(choice.one(this.freeStems()));
    else if (change < 76) this.replace(choice.one(this.files('train')));
    else if (change < 82) this.removeHalfPair();
    else if (change < 88) this.rename('train');
    else if (change < 92) this.breakOne();
    else if (change < 94) this.begin();
    else if (change < 96) this.putStack();
    else if (change < 98) this.putTable();
    else this.swapTwo();
  }

  /** Completes whatever is only half there. */
  settle(): void {
    while (this.unfinished.size > 0) this.finishOne();
  }

  /** What a program that has lost nothing must hold: sample keys, sorted. */
  expectedSamples(): string[] {
    const usable = (split: string) =>
      this.files(split).filter((path) => !this.broken.has(path) && !this.unfinished.has(path));
    const test = usable('test').flatMap((path) => {
      const id = path.replace('.tif', '');
      const frames = this.stacks.get(path);
      return frames === undefined ? [id] : numbersTo(frames).map((frame) => `${id}#${frame}`);
    });
    const train = new Set(usable('train'));
    const hasMask = (path: string) => train.has(maskOf(path)) || this.listed.has(idOf(path));
    const pairs = [...train].filter((path) => !isMask(path) && hasMask(path));
    return [...test, ...pairs.map((path) => path.replace('.tif', ''))].sort();
  }

  private putTest(): void {
    const number = 1 + this.choice.below(room.test);
    const source = this.choice.one(this.pooled('test'));
    this.copy(source, `test/${number}.tif`);
  }

  private putPair(stem: string): void {
    const image = this.choice.one(this.pooled('train').filter((path) => !isMask(path)));
    const files = [
      [image, `train/${stem}.tif`],
      [maskOf(image), maskOf(`train/${stem}.tif`)],
    ] as const;
    for (const [source, path] of this.choice.happens(0.5) ? files : files.toReversed()) {
      this.copy(source, path);
    }
  }

  private replace(path: string): void {
    const isOfKind = (other: string) => isMask(other) === isMask(path);
    this.copy(this.choice.one(this.pooled(splitOf(path)).filter(isOfKind)), path);
  }

  private rename(split: string): void {
    const from = this.choice.one(this.files(split));
    const number = 1 + this.choice.below(room.test);
    const stem = split === 'test' ? `${number}` : this.choice.one(this.freeStems());
    const to = `${split}/${stem}${isMask(from) ? '_mask' : ''}.tif`;
    if (split === 'train' && this.pairs() <= leastPairs) return;
    this.move(from, to);
  }

  private remove(path: string): void {
    rmSync(join(this.raw, path));
    this.forget(path);
  }

  private removeHalfPair(): void {
    if (this.pairs() > leastPairs) this.remove(this.choice.one(this.files('train')));
  }

  private breakOne(): void {
    const path = `test/${1 + this.choice.below(room.test)}.tif`;
    writeFileSync(join(this.raw, path), `no image ${this.choice.below(1000)}`);
    this.forget(path);
    this.broken.add(path);
  }

  /** Its first half; the second comes later. */
  private begin(): void {
    const path = `test/${1 + this.choice.below(room.test)}.tif`;
    const bytes = readFileSync(join(this.pool, this.choice.one(this.pooled('test'))));
    const half = bytes.length >> 1;
    writeFileSync(join(this.raw, path), bytes.subarray(0, half));
    this.forget(path);
    this.unfinished.set(path, bytes.subarray(half));
  }

  private putStack(): void {
    const path = `test/${1 + this.choice.below(room.test)}.tif`;
    const frames = numbersTo(2 + this.choice.below(3));
    const seed = 1 + this.choice.below(50);
    const pixelsOf = (frame: number) =>
      Uint8Array.from({ length: size.height * size.width }, (_, at) => (at * seed) >> frame);
    const pages = frames.map((frame) => ({ ...size, bits: 8, pixels: pixelsOf(frame) }));
    writeFileSync(join(this.raw, path), tiffOfPages(pages));
    this.forget(path);
    this.stacks.set(path, frames.length);
  }

  /** Masks of some images, also of some that have a file with one. */
  private putTable(): void {
    const path = join(this.raw, 'train', 'train_masks.csv');
    const images = this.files('train').filter((image) => !isMask(image));
    const chosen = this.choice.happens(0.2) ? [] : images.filter(() => this.choice.happens(0.3));
    this.listed = new Set(chosen.map(idOf));
    if (chosen.length === 0) {
      rmSync(path, { force: true });
      return;
    }
    const rows = [...this.listed].map((id) => {
      const start = 1 + this.choice.below(size.height * size.width - 40);
      return `${id.replace('_', ',')},${start} ${1 + this.choice.below(40)}`;
    });
    writeFileSync(path, `${['subject,img,pixels', ...rows].join('\n')}\n`);
  }

  private finishOne(): void {
    const path = this.choice.one([...this.unfinished.keys()]);
    appendFileSync(join(this.raw, path), this.unfinished.get(path)!);
    this.unfinished.delete(path);
  }

  /** Two names change places. */
  private swapTwo(): void {
    const [a, b] = [this.choice.one(this.files('test')), this.choice.one(this.files('test'))];
    if (a === b) return;
    this.move(a, 'test/passing.tmp');
    this.move(b, a);
    this.move('test/passing.tmp', b);
  }

  private copy(source: string, path: string): void {
    copyFileSync(join(this.pool, source), join(this.raw, path));
    this.forget(path);
  }

  private move(from: string, to: string): void {
    if (from === to) return;
    renameSync(join(this.raw, from), join(this.raw, to));
    const isBroken = this.broken.has(from);
    const rest = this.unfinished.get(from);
    const frames = this.stacks.get(from);
    this.forget(from);
    this.forget(to);
    if (isBroken) this.broken.add(to);
    if (rest) this.unfinished.set(to, rest);
    if (frames) this.stacks.set(to, frames);
  }

  private forget(path: string): void {
    this.broken.delete(path);
    this.unfinished.delete(path);
    this.stacks.delete(path);
  }

  private files(split: string): string[] {
    const names = readdirSync(join(this.raw, split)).filter((name) => name.endsWith('.tif'));
    return names.sort().map((name) => `${split}/${name}`);
  }

  private pooled(split: string): string[] {
    const names = readdirSync(join(this.pool, split)).sort();
    return names.map((name) => `${split}/${name}`);
  }

  private pairs(): number {
    return this.files('train').filter((path) => existsSync(join(this.raw, maskOf(path)))).length;
  }

  private freeStems(): string[] {
    const stems = Array.from(
      { length: room.subjects * room.perSubject },
      (_, nth) => `${1 + (nth % room.subjects)}_${1 + Math.floor(nth / room.subjects)}`,
    );
    const free = stems.filter((stem) => !existsSync(join(this.raw, 'train', `${stem}.tif`)));
    return free.length > 0 ? free : stems;
  }
}

function numbersTo(count: number): number[] {
  return Array.from({ length: count }, (_, nth) => nth + 1);
}

function idOf(path: string): string {
  return path.slice(path.indexOf('/') + 1).replace('.tif', '');
}

function isMask(path: string): boolean {
  return path.endsWith('_mask.tif');
}

function maskOf(path: string): string {
  return path.replace('.tif', '_mask.tif');
}

function splitOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}
