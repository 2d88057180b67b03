import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { modelCardSchema } from '../model/card.js';
import { recipeSchema } from '../model/recipe-schema.js';
import type { ModelFiles } from '../model/serialise.js';
import { modelJson, parseModelFiles, topologyFile, weightsFile } from './model-files.js';
import { plainFolderName, readPointer, removePointer, writePointer } from './model-pointers.js';
import {
  describe,
  findDamage,
  type Read,
  readJson,
  readWhole,
  removeAbandoned,
  writeWhole,
} from './whole-folder.js';

const positionFile = 'training.json';
const momentsFile = 'optimizer.bin';
const averageFile = 'average.bin';
const checkpointPrefix = 'checkpoint-';

const positionSchema = z.object({
  format: z.literal(1),
  runId: z.string(),
  recipe: recipeSchema,
  size: z.object({ height: z.number(), width: z.number() }),
  batchSize: z.number(),
  epochs: z.number(),
  seed: z.number(),
  normalisation: z.object({ mean: z.number(), std: z.number() }),
  dataFingerprint: z.string(),
  /** Id of the model it started from; null when it started anew. */
  startedFrom: z.string().nullable().default(null),
  /** Every subject that its weights have learnt from. */
  trainedSubjects: z.array(z.union([z.number(), z.string()])).default([]),
  pairs: z.number(),
  validationPairs: z.number(),
  /** 1-based: the epoch to go on with. */
  epoch: z.number(),
  /** Steps of that epoch already done; all of them when only its validation is left. */
  step: z.number(),
  /** Over the images of the epoch so far, each batch weighted by its images. */
  sums: z.object({ loss: z.number(), dice: z.number(), images: z.number() }),
  best: z.object({ value: z.number(), epoch: z.number(), card: modelCardSchema }).nullable(),
  /** Training time before this checkpoint. */
  elapsedMs: z.number(),
  optimizerSteps: z.number(),
});

/** Where a training stands, and all that its figures to come depend on. */
export type TrainingPosition = z.infer<typeof positionSchema>;

export interface Checkpoint {
  readonly position: TrainingPosition;
  readonly files: ModelFiles;
  /** Adam's m of every weight, then its v. */
  readonly moments: Float32Array;
  /** The averaged weights, as `files` orders them; null where the recipe averages none. */
  readonly average: Uint8Array | null;
}

/** An interrupted training that can go on: pass `folder` as `TrainingRun.resumeFrom`. */
export interface Resumable extends TrainingPosition {
  readonly folder: string;
}

export function isCheckpointName(name: string): boolean {
  return name.startsWith(checkpointPrefix);
}

/**
 * Writes a checkpoint whole and points `latest` to it; the one before stays as a fall-back, older
 * ones go. Returns its folder. Rejects with the file system's error.
 */
export async function saveCheckpoint(
  modelsFolder: string,
  { position, files, moments, average }: Checkpoint,
): Promise<string> {
  const { runId, epoch, step } = position;
  const name = `${checkpointPrefix}${plainFolderName(runId)}-e${epoch}-s${step}`;
  const folder = join(modelsFolder, name);
  await writeWhole(folder, {
    [topologyFile]: modelJson(files),
    [weightsFile]: files.weights,
    [momentsFile]: new Uint8Array(moments.buffer, moments.byteOffset, moments.byteLength),
    ...(average === null ? {} : { [averageFile]: average }),
    [positionFile]: JSON.stringify(position),
  });
  await pointToCheckpoint(modelsFolder, folder);
  return folder;
}

/** A whole checkpoint, its checksums verified. */
export async function readCheckpoint(folder: string): Promise<Read<Checkpoint>> {
  const position = await readJson(join(folder, positionFile), positionSchema);
  if (position.status !== 'found') return position;
  const hasAverage = position.value.recipe.weightAverage > 0;
  const content = await readWhole(folder, [positionFile, topologyFile, weightsFile, momentsFile]);
  if (content.status !== 'found') return content;
  const average = hasAverage ? await readWhole(folder, [averageFile]) : null;
  if (average !== null && average.status !== 'found') return average;
  const { [topologyFile]: topology, [weightsFile]: weights } = content.value;
  const files = parseModelFiles(join(folder, topologyFile), topology, weights);
  if (files.status !== 'found') return files;
  const bytes = Uint8Array.from(content.value[momentsFile]);
  return {
    status: 'found',
    value: {
      position: position.value,
      files: files.value,
      moments: new Float32Array(bytes.buffer, 0, bytes.byteLength / 4),
      average: average === null ? null : average.value[averageFile],
    },
  };
}

/** What `latest` leads to. */
export type ResumableLook =
  | { readonly state: 'none' }
  /** `insteadOf` says what is wrong with the newest checkpoint, where this is the one before. */
  | {
      readonly state: 'found';
      readonly resumable: Resumable;
      readonly insteadOf: string | null;
    }
  | { readonly state: 'damaged'; readonly why: string };

/** The training to go on with: `latest`'s checkpoint, or the one before where that is damaged. */
export async function lookForResumable(modelsFolder: string): Promise<ResumableLook> {
  const pointer = await readPointer(modelsFolder, 'latest');
  if (pointer.status === 'missing') return { state: 'none' };
  if (pointer.status === 'damaged') return { state: 'damaged', why: describe(pointer) };
  let damage: string | null = null;
  for (const folder of [pointer.value.folder, pointer.value.previous]) {
    if (folder === null) continue;
    const position = await readJson(join(folder, positionFile), positionSchema);
    const fault = position.status === 'found' ? await findDamage(folder) : position;
    if (position.status === 'found' && fault === null) {
      return { state: 'found', resumable: { ...position.value, folder }, insteadOf: damage };
    }
    // What is wrong with the newest says more than what is wrong with the one before.
    if (fault !== null) damage ??= describe(fault);
  }
  return { state: 'damaged', why: damage ?? describe(pointer) };
}

/** The training to go on with, or null where there is none or none that can be read. */
export async function findResumable(modelsFolder: string): Promise<Resumable | null> {
  const look = await lookForResumable(modelsFolder);
  return look.state === 'found' ? look.resumable : null;
}

/** Forgets the interrupted training, if any: it is finished, or will not be gone on with. */
export async function clearResumable(modelsFolder: string): Promise<void> {
  await removePointer(modelsFolder, 'latest');
  await removeCheckpoints(modelsFolder, new Set());
}

/** Points to this checkpoint from now on; older ones than the one before go. */
export async function pointToCheckpoint(modelsFolder: string, folder: string): Promise<void> {
  await writePointer(modelsFolder, 'latest', folder);
  await removeAbandoned(modelsFolder);
  const pointer = await readPointer(modelsFolder, 'latest');
  if (pointer.status !== 'found') return;
  const kept = [pointer.value.folder, pointer.value.previous ?? folder];
  await removeCheckpoints(modelsFolder, new Set(kept.map((path) => basename(path))));
}

async function removeCheckpoints(modelsFolder: string, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(modelsFolder).catch(() => [])) {
    if (isCheckpointName(name) && !kept.has(name)) {
      await rm(join(modelsFolder, name), { recursive: true, force: true });
    }
  }
}
