import { join } from 'node:path';
import { type ModelCard, modelCardSchema } from '../model/card.js';
import type { ModelFiles } from '../model/serialise.js';
import { modelJson, parseModelFiles, topologyFile, weightsFile } from './model-files.js';
import { cardFile, cardJson, readCard, readModel } from './model-folder.js';
import { parseJson, type Read, readWhole, writeWhole } from './whole-folder.js';

/** One of the models whose mean an ensemble predicts. */
export interface EnsembleMember {
  readonly card: ModelCard;
  readonly files: ModelFiles;
}

/**
 * Writes a model whose probabilities are the mean of its members': `<modelsFolder>/<card.folder>`
 * with all of theirs in it, so that it needs no other folder. Rejects with the file system's error.
 */
export async function saveEnsemble(
  modelsFolder: string,
  card: ModelCard,
  members: readonly EnsembleMember[],
): Promise<void> {
  const content: Record<string, Uint8Array | string> = {
    [cardFile]: cardJson(card),
  };
  for (const [index, member] of members.entries()) {
    const names = memberFiles(index);
    content[names.card] = cardJson(member.card);
    content[names.topology] = modelJson(member.files, names.weights);
    content[names.weights] = member.files.weights;
  }
  await writeWhole(join(modelsFolder, card.folder), content, [cardFile]);
}

/** A model and the members of its ensemble, be it alone; checksums verified. */
export async function readMembers(
  folder: string,
): Promise<Read<{ readonly card: ModelCard; readonly members: readonly EnsembleMember[] }>> {
  const card = await readCard(folder);
  if (card.status !== 'found') return card;
  if (card.value.voters === undefined) {
    const single = await readModel(folder);
    if (single.status !== 'found') return single;
    return { status: 'found', value: { card: card.value, members: [single.value] } };
  }
  const members: EnsembleMember[] = [];
  for (let index = 0; index < card.value.voters; index++) {
    const member = await readMember(folder, index);
    if (member.status !== 'found') return member;
    members.push(member.value);
  }
  return { status: 'found', value: { card: card.value, members } };
}

async function readMember(folder: string, index: number): Promise<Read<EnsembleMember>> {
  const names = memberFiles(index);
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

/** As earlier versions named them. */
function memberFiles(index: number): { card: string; topology: string; weights: string } {
  const prefix = `voter-${index + 1}`;
  return {
    card: `${prefix}.${cardFile}`,
    topology: `${prefix}.${topologyFile}`,
    weights: `${prefix}.${weightsFile}`,
  };
}
