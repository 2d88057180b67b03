import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ModelCard, modelCardSchema } from '../model/card.js';
import type { ModelFiles } from '../model/serialise.js';
import { modelJson, parseModelFiles, topologyFile, weightsFile } from './model-files.js';
import { plainFolderName, readPointer } from './model-pointers.js';
import { type TrainedOn, trainedOnFile } from './trained-on.js';
import {
  findDamage,
  parseJson,
  type Read,
  readJson,
  readWhole,
  replaceFile,
  writeWhole,
} from './whole-folder.js';

const cardFile = 'nerveflow.json';
const modelPrefix = 'model-';

/** Base name of the folder that a model of this id is kept in. */
export function modelFolderName(modelId: string): string {
  return `${modelPrefix}${plainFolderName(modelId)}`;
}

export function isModelName(name: string): boolean {
  return name.startsWith(modelPrefix);
}

/** Writes `<modelsFolder>/<card.folder>` whole. Rejects with the file system's error. */
export async function saveModel(
  modelsFolder: string,
  card: ModelCard,
  files: ModelFiles,
  trainedOn?: TrainedOn,
): Promise<void> {
  const content = {
    [topologyFile]: modelJson(files),
    [weightsFile]: files.weights,
    [cardFile]: cardJson(card),
    ...(trainedOn && { [trainedOnFile]: `${JSON.stringify(trainedOn)}\n` }),
  };
  await writeWhole(join(modelsFolder, card.folder), content, [cardFile]);
}

/** A model that votes in another one. */
export interface Voter {
  readonly card: ModelCard;
  readonly files: ModelFiles;
}

/**
 * Writes a model whose probabilities are the mean of its voters': `<modelsFolder>/<card.folder>`
 * with all of theirs in it, so that it needs no other folder. Rejects with the file system's error.
 */
export async function saveVote(
  modelsFolder: string,
  card: ModelCard,
  voters: readonly Voter[],
): Promise<void> {
  const content: Record<string, Uint8Array | string> = {
    [cardFile]: cardJson(card),
  };
  for (const [index, voter] of voters.entries()) {
    const names = voterFiles(index);
    content[names.card] = cardJson(voter.card);
    content[names.topology] = modelJson(voter.files, names.weights);
    content[names.weights] = voter.files.weights;
  }
  await writeWhole(join(modelsFolder, card.folder), content, [cardFile]);
}

/** A model and who votes in it, be it alone; checksums verified. */
export async function readVoters(
  folder: string,
): Promise<Read<{ readonly card: ModelCard; readonly voters: readonly Voter[] }>> {
  const card = await readCard(folder);
  if (card.status !== 'found') return card;
  if (card.value.voters === undefined) {
    const single = await readModel(folder);
    if (single.status !== 'found') return single;
    return { status: 'found', value: { card: card.value, voters: [single.value] } };
  }
  const voters: Voter[] = [];
  for (let index = 0; index < card.value.voters; index++) {
    const voter = await readVoter(folder, index);
    if (voter.status !== 'found') return voter;
    voters.push(voter.value);
  }
  return { status: 'found', value: { card: card.value, voters } };
}

async function readVoter(folder: string, index: number): Promise<Read<Voter>> {
  const names = voterFiles(index);
  const content = await readWhole(folder, [names.card, names.topology, names.weights]);
  if (content.status !== 'found') return content;
  const path = join(folder, names.topology);
  const { [names.topology]: topology, [names.weights]: weights } = content.value;
  const files = parseModelFiles(path, topology!, weights!);
  if (files.status !== 'found') return files;
  const card = parseJson(
    join(folder, names.card),
    content.value[names.card]!.toString(),
    modelCardSchema,
  );
  if (card.status !== 'found') return card;
  return { status: 'found', value: { card: card.value, files: files.value } };
}

function voterFiles(index: number): { card: string; topology: string; weights: string } {
  const prefix = `voter-${index + 1}`;
  return {
    card: `${prefix}.${cardFile}`,
    topology: `${prefix}.${topologyFile}`,
    weights: `${prefix}.${weightsFile}`,
  };
}

/** Replaces the card of a saved model, whose weights stay as they are. Rejects as `saveModel` does. */
export async function replaceCard(modelsFolder: string, card: ModelCard): Promise<void> {
  await replaceFile(join(modelsFolder, card.folder, cardFile), cardJson(card));
}

function cardJson(card: ModelCard): string {
  return `${JSON.stringify(card, null, 2)}\n`;
}

/** The card of one model folder. */
export function readCard(folder: string): Promise<Read<ModelCard>> {
  return readJson(join(folder, cardFile), modelCardSchema);
}

/** A whole model, its checksums verified; one in which several vote has no weights of its own. */
export async function readModel(
  folder: string,
): Promise<Read<{ readonly card: ModelCard; readonly files: ModelFiles }>> {
  const card = await readCard(folder);
  if (card.status !== 'found') return card;
  const { voters } = card.value;
  if (voters !== undefined) {
    return { status: 'damaged', path: folder, message: `no single model: ${voters} vote in it` };
  }
  const content = await readWhole(folder, [topologyFile, weightsFile]);
  if (content.status !== 'found') return content;
  const files = parseModelFiles(
    join(folder, topologyFile),
    content.value[topologyFile],
    content.value[weightsFile],
  );
  if (files.status !== 'found') return files;
  return { status: 'found', value: { card: card.value, files: files.value } };
}

export interface BestModel {
  readonly folder: string;
  readonly card: ModelCard;
  /** What is wrong with the folder that `best` points to, when this is the one before it. */
  readonly insteadOf: string | null;
}

/**
 * The model to predict with: `best`'s target, or the one before where that is damaged. Checks the
 * card and the sizes of the files; the weights' checksum is verified when they are loaded.
 *
 * @param unusable folders of models that could not be loaded, and why
 */
export async function readBest(
  modelsFolder: string,
  unusable: ReadonlyMap<string, string> = new Map(),
): Promise<Read<BestModel>> {
  const pointer = await readPointer(modelsFolder, 'best');
  if (pointer.status !== 'found') return pointer;
  const { folder, previous } = pointer.value;
  const readUsable = async (path: string): Promise<Read<ModelCard>> => {
    const message = unusable.get(basename(path));
    return message === undefined ? await readIntact(path) : { status: 'damaged', path, message };
  };
  const best = await readUsable(folder);
  if (best.status === 'found') return found(folder, best.value, null);
  const before = previous === null ? null : await readUsable(previous);
  if (previous !== null && before?.status === 'found') {
    return found(previous, before.value, describe(best));
  }
  return { status: 'damaged', path: folder, message: describe(best) };
}

/** Removes models that `best` has left behind: all older than its target, but the one before it. */
export async function pruneModels(
  modelsFolder: string,
  keep: readonly string[] = [],
): Promise<void> {
  const pointer = await readPointer(modelsFolder, 'best');
  if (pointer.status !== 'found') return;
  const { folder, previous } = pointer.value;
  const kept = new Set([folder, previous ?? folder, ...keep].map((path) => basename(path)));
  const bestTime = await changeTime(folder);
  for (const name of await modelFolders(modelsFolder)) {
    if (kept.has(name)) continue;
    const path = join(modelsFolder, name);
    // A newer one was saved by the running training and may become `best` next.
    if ((await changeTime(path)) <= bestTime) await rm(path, { recursive: true, force: true });
  }
}

/** Of a running training's models: somebody may be about to load one that was best a moment ago. */
const keptOfRun = 5;

/**
 * Removes a running training's older models, but what `best` needs; one is saved every time it gets
 * better, which may be every epoch.
 */
export async function pruneRun(modelsFolder: string, runId: string): Promise<void> {
  await removeOldest(modelsFolder, runId, keptOfRun);
}

/** Removes all models of a run whose last one was not better than `best`, but what `best` needs. */
export async function removeRun(modelsFolder: string, runId: string): Promise<void> {
  await removeOldest(modelsFolder, runId, 0);
}

async function removeOldest(modelsFolder: string, runId: string, kept: number): Promise<void> {
  const pointer = await readPointer(modelsFolder, 'best');
  const pointed = pointer.status === 'found' ? Object.values(pointer.value) : [];
  const ofRun: { path: string; epoch: number }[] = [];
  for (const name of await modelFolders(modelsFolder)) {
    const path = join(modelsFolder, name);
    const card = await readCard(path);
    if (card.status === 'found' && card.value.runId === runId) {
      ofRun.push({ path, epoch: card.value.epoch });
    }
  }
  ofRun.sort((a, b) => b.epoch - a.epoch);
  for (const { path } of ofRun.slice(kept)) {
    if (!pointed.includes(path)) await rm(path, { recursive: true, force: true });
  }
}

/** Names of the model folders there are. */
export async function modelFolders(modelsFolder: string): Promise<string[]> {
  const names = await readdir(modelsFolder).catch(() => []);
  return names.filter(isModelName);
}

async function readIntact(folder: string): Promise<Read<ModelCard>> {
  const card = await readCard(folder);
  if (card.status !== 'found') return card;
  return (await findDamage(folder)) ?? card;
}

function found(folder: string, card: ModelCard, insteadOf: string | null): Read<BestModel> {
  return { status: 'found', value: { folder, card, insteadOf } };
}

/** One line for people about something that could not be read. */
export function describe(read: Read<unknown>): string {
  switch (read.status) {
    case 'found':
      return 'is intact';
    case 'missing':
      return `${read.path} is missing`;
    case 'damaged':
      return `${read.path} is damaged (${read.message})`;
  }
}

async function changeTime(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
