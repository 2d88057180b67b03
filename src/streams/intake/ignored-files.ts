import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import { isTable, type Layout } from '../../layout/file-role.js';
import type { FolderSignal, PathChanged } from './path-changed.js';

/** Files under raw/ whose names are not ours, or whose bytes are not. */
export class IgnoredFiles {
  private readonly paths = new Set<string>();

  constructor(
    private readonly raw: string,
    private readonly layout: Layout,
  ) {}

  get all(): ReadonlySet<string> {
    return this.paths;
  }

  get count(): number {
    return this.paths.size;
  }

  add(path: string): void {
    this.paths.add(path);
  }

  /** Lets pass what may concern an image. */
  leftOut(): MonoTypeOperatorFunction<FolderSignal> {
    return filter((signal) => {
      if (signal.type !== 'path-changed') return true;
      const { path } = signal.change;
      const isOurs = isTable(this.layout, path) || this.layout.roleOf(path).kind !== 'foreign';
      if (isOurs) this.paths.delete(path);
      else void this.look(signal.change);
      return isOurs;
    });
  }

  /** Programs write under a passing name first: those must not add up. */
  private async look({ path, stamp }: PathChanged): Promise<void> {
    const isThere =
      stamp !== undefined ||
      (await stat(join(this.raw, path)).then(
        (stats) => !stats.isDirectory(),
        () => false,
      ));
    if (isThere) this.paths.add(path);
    else this.paths.delete(path);
  }
}
