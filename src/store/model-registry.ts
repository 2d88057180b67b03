import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ModelCard } from '../model/card.js';
import {
  clearResumable,
  findResumable,
  lookForResumable,
  type ResumableLook,
} from './checkpoints.js';
import { beginEnsemble, endEnsemble, ensembleFolder } from './ensemble-training.js';
import { readCard } from './model-folder.js';
import { readPointer, writePointer } from './model-pointers.js';
import { pruneModels, removeRun } from './prune-models.js';
import { type RejectedModel, readRejected, writeRejected } from './rejected-model.js';
import { describe, findDamage, type Read, removeAbandoned } from './whole-folder.js';

/** A model's card and where it lies. */
export interface SavedModel {
  readonly card: ModelCard;
  readonly folder: string;
}

/** The model that predicts. */
export interface CurrentModel extends SavedModel {
  /** What is wrong with the model that should, where this is the one before it. */
  readonly insteadOf: string | null;
}

/**
 * The models of one folder: which is current, and what becomes of new ones. What is written is on
 * the disk for sure before anything counts on it.
 */
export class ModelRegistry {
  /** Models that could not be loaded, by the names of their folders, and why. */
  private readonly unreadable = new Map<string, string>();
  private lastTurn: Promise<unknown> = Promise.resolve();

  constructor(readonly folder: string) {}

  /**
   * The current model, or the one before it where that is damaged. Looks at the card and the sizes
   * of the files; the weights' checksum is verified when they are loaded.
   */
  async current(): Promise<Read<CurrentModel>> {
    const pointer = await readPointer(this.folder, 'best');
    if (pointer.status !== 'found') return pointer;
    const { folder, previous } = pointer.value;
    const card = await this.readIntact(folder);
    if (card.status === 'found') {
      return { status: 'found', value: { folder, card: card.value, insteadOf: null } };
    }
    const insteadOf = describe(card);
    const before = previous === null ? null : await this.readIntact(previous);
    if (previous !== null && before?.status === 'found') {
      return { status: 'found', value: { folder: previous, card: before.value, insteadOf } };
    }
    return { status: 'damaged', path: folder, message: insteadOf };
  }

  async currentCard(): Promise<ModelCard | null> {
    const current = await this.current();
    return current.status === 'found' ? current.value.card : null;
  }

  /** A model that cannot be loaded counts no more until the next start; its folder stays. */
  markUnreadable(folder: string, why: string): void {
    this.unreadable.set(basename(folder), why);
  }

  /**
   * Does what must not be disturbed: while a new model is compared and published, nobody chooses
   * another one, and the other way round. In the order in which it is asked.
   */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.lastTurn.then(task);
    this.lastTurn = done.catch(() => {});
    return done;
  }

  /** This model is the current one from now on; the one before stays to fall back on. */
  async promote({ folder }: Pick<ModelCard, 'folder'>): Promise<void> {
    await this.pointTo(folder);
    await this.prune();
  }

  /**
   * A person's choice: this model is the current one from now on. Nothing is pruned, so that it can be
   * taken back, and the training of the one that served stays the last one: it is not done again.
   */
  async use({ folder }: Pick<ModelCard, 'folder'>): Promise<void> {
    const served = await this.currentCard();
    const rejected = await this.lastRejected();
    // Run ids begin with the time; what was imported is no training.
    if (
      served !== null &&
      served.folder !== folder &&
      served.importedFrom === undefined &&
      served.runId > (rejected?.runId ?? '')
    ) {
      await this.reject(served);
    }
    this.unreadable.delete(basename(folder));
    await this.pointTo(folder);
  }

  /** The same is not trained again. */
  async reject(card: ModelCard): Promise<void> {
    await writeRejected(this.folder, card);
  }

  lastRejected(): Promise<RejectedModel | null> {
    return readRejected(this.folder);
  }

  /** Removes what neither the current model nor an interrupted training needs, and nobody keeps. */
  async prune(): Promise<void> {
    await removeAbandoned(this.folder);
    const best = (await findResumable(this.folder))?.best;
    await pruneModels(this.folder, best ? [best.card.folder] : []);
  }

  /** Removes all models of a training, but what the current one needs. */
  async removeModelsOf(runId: string): Promise<void> {
    await removeRun(this.folder, runId);
  }

  interrupted(): Promise<ResumableLook> {
    return lookForResumable(this.folder);
  }

  async forgetInterrupted(): Promise<void> {
    await clearResumable(this.folder);
  }

  /** Where the members of an ensemble are trained; goes on with one of the same data and settings. */
  async beginEnsemble(
    fingerprint: string,
    newRunId: string,
  ): Promise<{ runId: string; folder: string }> {
    const runId = await beginEnsemble(this.folder, fingerprint, newRunId);
    return { runId, folder: ensembleFolder(this.folder) };
  }

  async endEnsemble(): Promise<void> {
    await endEnsemble(this.folder);
  }

  /** Takes a model that was made in a folder of its own. */
  async adopt(folder: string): Promise<string> {
    const adopted = join(this.folder, basename(folder));
    if (adopted === folder) return adopted;
    // What is there already was adopted by a program that ended before it was current.
    await rm(adopted, { recursive: true, force: true });
    await rename(folder, adopted);
    return adopted;
  }

  private async pointTo(folder: string): Promise<void> {
    const current = await this.current();
    const standIn =
      current.status === 'found' && current.value.insteadOf !== null ? current.value.folder : null;
    await writePointer(this.folder, 'best', folder, standIn);
  }

  private async readIntact(folder: string): Promise<Read<ModelCard>> {
    const why = this.unreadable.get(basename(folder));
    if (why !== undefined) return { status: 'damaged', path: folder, message: why };
    const card = await readCard(folder);
    if (card.status !== 'found') return card;
    return (await findDamage(folder)) ?? card;
  }
}
