import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ModelCard } from '../model/card.js';
import {
  type BestModel,
  clearResumable,
  lookForResumable,
  type Read,
  type ResumableLook,
  readBest,
  setPointer,
} from './checkpoints.js';
import { pruneModels, removeRun } from './models.js';
import { readTried, type TriedTraining, writeTried } from './tried.js';
import { beginVote, endVote, voteFolder } from './vote-folder.js';

/** Which model is current, and what becomes of new ones. */
export class ModelRegistry {
  /** Models that could not be loaded, by the names of their folders, and why. */
  private readonly unusable = new Map<string, string>();

  constructor(readonly folder: string) {}

  /** The model that predicts, or the one before it where that cannot be read. */
  current(): Promise<Read<BestModel>> {
    return readBest(this.folder, this.unusable);
  }

  async currentCard(): Promise<ModelCard | null> {
    const current = await this.current();
    return current.status === 'found' ? current.value.card : null;
  }

  /** A model that cannot be loaded counts no more until the next start; its folder stays. */
  markUnusable(folder: string, why: string): void {
    this.unusable.set(basename(folder), why);
  }

  lastRejected(): Promise<TriedTraining | null> {
    return readTried(this.folder);
  }

  interrupted(): Promise<ResumableLook> {
    return lookForResumable(this.folder);
  }

  async forgetInterrupted(): Promise<void> {
    await clearResumable(this.folder);
  }

  /** This model is the current one from now on; the one before stays to fall back on. */
  async promote(card: ModelCard): Promise<void> {
    const current = await this.current();
    const standIn =
      current.status === 'found' && current.value.insteadOf !== null ? current.value.folder : null;
    await setPointer(this.folder, 'best', join(this.folder, card.folder), standIn);
  }

  /** The same is not trained again. */
  async reject(card: ModelCard): Promise<void> {
    await writeTried(this.folder, card);
  }

  /** Removes all models of a training, but what the current one needs. */
  async removeModelsOf(runId: string): Promise<void> {
    await removeRun(this.folder, runId);
  }

  /** Removes what nothing needs any more. */
  async prune(): Promise<void> {
    await pruneModels(this.folder);
  }

  /** Where the members of an ensemble are trained; goes on with one of the same data and settings. */
  async beginEnsemble(
    fingerprint: string,
    newRunId: string,
  ): Promise<{ runId: string; folder: string }> {
    const { runId } = await beginVote(this.folder, fingerprint, newRunId);
    return { runId, folder: voteFolder(this.folder) };
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

  async endEnsemble(): Promise<void> {
    await endVote(this.folder);
  }
}
