import {
  compareDuplicatePaths,
  type ImageName,
  parseImageName,
} from '../../operators/image-name.js';
import type { FileTable } from '../../store/file-table.js';
import { DuplicatePaths } from './duplicate-paths.js';

export type KnownName = Exclude<ImageName, { kind: 'foreign' }>;

/**
 * Which files are there for a half of a sample. The catalog tells, but for two kinds of files that
 * are kept here: those that it knows from before the start and that nobody has met since, and those
 * whose removal is on its way.
 */
export class FilesThere {
  private readonly unverified: Set<string>;
  private readonly leaving = new Set<string>();
  private readonly duplicates = new DuplicatePaths();

  constructor(
    private readonly files: FileTable,
    private readonly preprocessing: string,
  ) {
    this.unverified = new Set(files.keys());
    this.trustWinners();
  }

  /** Paths of the files that stand for it; the one that counts is the first. */
  of(name: KnownName): string[] {
    return this.inOrder(name, (path) => !this.unverified.has(path) && !this.leaving.has(path));
  }

  /** A file has come, or has been met again. */
  came(path: string, name: KnownName): void {
    this.unverified.delete(path);
    this.leaving.delete(path);
    this.duplicates.add(path, name);
  }

  /** A file has gone; that is being written. */
  goes(path: string): void {
    this.unverified.delete(path);
    this.leaving.add(path);
  }

  /** It has been written, or the store has refused to let it go. */
  hasGone(path: string, name: KnownName): void {
    this.leaving.delete(path);
    if (!this.files.has(path)) this.duplicates.delete(path, name);
  }

  /**
   * Where several files are known to stand for one item, the one that counts is taken as there
   * until it is found gone: else a start would switch to whichever is met first, and back.
   */
  private trustWinners(): void {
    for (const path of this.unverified) this.duplicates.add(path, nameOf(path));
    if (!this.duplicates.arePossible) return;
    const winners = [...this.unverified].filter((path) => {
      const known = this.inOrder(nameOf(path), () => true);
      return known.length > 1 && known[0] === path;
    });
    for (const path of winners) this.unverified.delete(path);
  }

  private inOrder(name: KnownName, isThere: (path: string) => boolean): string[] {
    const paths = this.duplicates
      .of(name)
      .filter((path) => this.files.isMadeWith(path, this.preprocessing) && isThere(path));
    return paths.length < 2 ? paths : paths.sort(compareDuplicatePaths);
  }
}

/** Of a path that is known to be ours. */
export function nameOf(path: string): KnownName {
  const name = parseImageName(path);
  if (name.kind === 'foreign') throw new Error(`${path} is not ours`);
  return name;
}
