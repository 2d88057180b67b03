import type { ModelCard } from '../../../model/card.js';
import type { ModelFiles } from '../../../model/serialise.js';
import { type Checkpoint, saveCheckpoint } from '../../../store/checkpoints.js';
import { saveModel } from '../../../store/model-folder.js';
import { ComputeFailure, type TrainingRun } from '../../compute.js';

/** A checkpoint is written this often within an epoch, so that a crash costs minutes, not an epoch. */
const checkpointEveryMs = 5 * 60_000;

/** Writes a model's folder. Rejects with `CHECKPOINT_NOT_WRITTEN`. */
export async function writeModel(
  { modelsFolder, trainedOn }: TrainingRun,
  card: ModelCard,
  files: ModelFiles,
): Promise<void> {
  await orNotWritten('model', () => saveModel(modelsFolder, card, files, trainedOn));
}

/** The checkpoints of one training: which is the newest, and whether it is time for the next. */
export class Checkpoints {
  private writtenAt: number;
  private isCurrent = true;

  /**
   * @param newest folder of the one that it goes on from; null where it starts anew
   * @param make everything, as it is when it is called
   */
  constructor(
    private readonly modelsFolder: string,
    private newest: string | null,
    private readonly make: () => Promise<Checkpoint>,
    private readonly now: () => number,
  ) {
    this.writtenAt = now();
  }

  get isDue(): boolean {
    return this.now() - this.writtenAt >= checkpointEveryMs;
  }

  /** What was trained since is in none. */
  outdate(): void {
    this.isCurrent = false;
  }

  /** Rejects with `CHECKPOINT_NOT_WRITTEN`. */
  async write(): Promise<void> {
    const checkpoint = await this.make();
    this.newest = await orNotWritten('checkpoint', () =>
      saveCheckpoint(this.modelsFolder, checkpoint),
    );
    this.writtenAt = this.now();
    this.isCurrent = true;
  }

  /** Folder of the newest, after an attempt to write one of what was trained since; null where there is none. */
  async last(): Promise<string | null> {
    // One that cannot be written must not keep the program from stopping.
    if (!this.isCurrent) await this.write().catch(() => {});
    return this.newest;
  }
}

/** Runs a write; what the file system says against it becomes a `ComputeFailure`. */
async function orNotWritten<T>(what: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ComputeFailure(
      'CHECKPOINT_NOT_WRITTEN',
      `the ${what} could not be saved: ${message}`,
    );
  }
}
