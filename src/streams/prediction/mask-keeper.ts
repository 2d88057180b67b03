import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { PipelineEvent } from '../../events.js';
import type { Catalog } from '../../store/catalog.js';
import { maskPath } from '../../store/mask-files.js';
import { storeFailure } from '../../store/store-failure.js';
import { drawMasksFromRows } from './masks-from-rows.js';

/**
 * Keeps store/masks equal to the rows. That a file came or went shows in the folder's own time, so
 * looking costs one stat a folder, whatever it holds; who changes a mask in place is found out at
 * the next start.
 */
export class MaskKeeper {
  /** They have not been looked at since the start, or the folder is not as it was left. */
  private isInDoubt = true;
  private leftAt: string | null = null;
  /** Of an id `a/1` the mask lies in `a`. */
  private folders: readonly string[] = [];

  constructor(
    private readonly catalog: Catalog,
    private readonly folder: string,
    private readonly emit: (event: PipelineEvent) => void,
    /** Whether ids may hold slashes. */
    private readonly mayHaveFolders: boolean,
  ) {}

  /** Somebody else has put a file into the folder, or taken one away. */
  get areDisturbed(): boolean {
    return this.isInDoubt && this.leftAt !== null;
  }

  /** To be called while no masks are being written. */
  async look(): Promise<void> {
    if (this.leftAt !== null && this.leftAt !== (await this.changedAt())) this.isInDoubt = true;
  }

  /** Brings them back in line with the rows, where they may not be. */
  async restore(): Promise<void> {
    if (!this.isInDoubt) return;
    this.isInDoubt = false;
    await drawMasksFromRows(this.catalog, this.folder).catch((error: Error) => {
      this.emit({ type: 'notice', level: 'warning', ...storeFailure(error) });
    });
  }

  /** From now on the folder is as it should be. */
  async remember(): Promise<void> {
    this.folders = [this.folder, ...(this.mayHaveFolders ? this.foldersBelow() : [])];
    this.leftAt = await this.changedAt();
  }

  private foldersBelow(): Set<string> {
    const ids = [...this.catalog.predictions.keys()].filter((id) => id.includes('/'));
    return new Set(ids.map((id) => dirname(maskPath(this.folder, id))));
  }

  private async changedAt(): Promise<string> {
    const looks = this.folders.map((folder) =>
      stat(folder).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    );
    return (await Promise.all(looks)).join(' ');
  }
}
