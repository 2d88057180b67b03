import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelCard, modelCardSchema } from '../model/card.js';
import type { ModelFiles } from '../model/serialise.js';
import { modelJson, parseModelFiles, topologyFile, weightsFile } from './model-files.js';
import { plainFolderName } from './model-pointers.js';
import { type TrainedOn, trainedOnFile } from './trained-on.js';
import { type Read, readJson, readWhole, replaceFile, writeWhole } from './whole-folder.js';

export const cardFile = 'nerveflow.json';
const modelPrefix = 'model-';

/** Base name of the folder that a model of this id is kept in. */
export function modelFolderName(modelId: string): string {
  return `${modelPrefix}${plainFolderName(modelId)}`;
}

/** The id of the model that a folder of this name is of. */
export function modelIdOf(folderName: string): string {
  return folderName.slice(modelPrefix.length);
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

/** Replaces the card of a saved model, whose weights stay as they are. Rejects as `saveModel` does. */
export async function replaceCard(modelsFolder: string, card: ModelCard): Promise<void> {
  await replaceFile(join(modelsFolder, card.folder, cardFile), cardJson(card));
}

export function cardJson(card: ModelCard): string {
  return `${JSON.stringify(card, null, 2)}\n`;
}

/** The card of one model folder. */
export function readCard(folder: string): Promise<Read<ModelCard>> {
  return readJson(join(folder, cardFile), modelCardSchema);
}

/** A whole model, its checksums verified; an ensemble has no weights of its own. */
export async function readModel(
  folder: string,
): Promise<Read<{ readonly card: ModelCard; readonly files: ModelFiles }>> {
  const card = await readCard(folder);
  if (card.status !== 'found') return card;
  const { voters: members } = card.value;
  if (members !== undefined) {
    const message = `no single model: an ensemble of ${members}`;
    return { status: 'damaged', path: folder, message };
  }
  const content = await readWhole(folder, [topologyFile, weightsFile]);
  if (content.status !== 'found') return content;
  const { [topologyFile]: topology, [weightsFile]: weights } = content.value;
  const files = parseModelFiles(join(folder, topologyFile), topology, weights);
  if (files.status !== 'found') return files;
  return { status: 'found', value: { card: card.value, files: files.value } };
}

/** Names of the model folders there are. */
export async function modelFolders(modelsFolder: string): Promise<string[]> {
  const names = await readdir(modelsFolder).catch(() => []);
  return names.filter(isModelName);
}
