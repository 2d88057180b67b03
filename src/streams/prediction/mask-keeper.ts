import { stat } from 'node:fs/promises';
import type { PipelineEvent } from '../../events.js';
import type { Catalog } from '../../store/catalog.js';
import { storeFailure } from '../../store/store-failure.js';
import { drawMasksFromRows } from './masks-from-rows.js';

/**
 * Keeps store/masks equal to the rows. That a file came or went shows in the folder's own time, so
 * looking costs one stat, whatever the folder holds; who changes a mask in place is found out at
 * the next start.
 */
export class MaskKeeper {
  /** They have not been looked at since the start, or the folder is not as it was left. */
  private isInDoubt = true;
  private leftAt: number | null = null;

  constructor(
    private readonly catalog: Catalog,
    private readonly folder: string,
    private readonly emit: (event: PipelineEvent) => void,
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
    this.leftAt = await this.changedAt();
  }

  private async changedAt(): Promise<number> {
    return await stat(this.folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
  }
}
