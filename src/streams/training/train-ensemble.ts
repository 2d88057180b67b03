import { join } from 'node:path';
import { type EnsembleMember, readMembers, saveEnsemble } from '../../store/ensemble-folder.js';
import { ModelRegistry } from '../../store/model-registry.js';
import { describe } from '../../store/whole-folder.js';
import { ensembleCard } from './ensemble-card.js';
import type { EnsemblePlan } from './plan-ensemble.js';
import { bestOf, type TrainedModel } from './train-model.js';
import { trainUnlessFinished } from './train-unless-finished.js';
import type { ModelTraining } from './training-context.js';

/**
 * Trains an ensemble's members one after the other, then writes the model whose probabilities are
 * the mean of theirs beside them. Null when interrupted; what is finished is not done again.
 */
export async function trainEnsemble(
  plan: EnsemblePlan,
  training: ModelTraining,
): Promise<TrainedModel | null> {
  const members: TrainedModel[] = [];
  for (const task of plan.members) {
    const member = await trainUnlessFinished(task, training);
    if (member === null) return null;
    members.push(member);
  }
  const ensemble = await ensembleOf(members, plan);
  return {
    ...ensemble,
    best: bestOf(ensemble.card),
    bestEpoch: Math.max(...members.map(({ bestEpoch }) => bestEpoch)),
    trainedMs: members.reduce((sum, { trainedMs }) => sum + trainedMs, 0),
    validated: members.flatMap(({ validated }) => validated),
  };
}

async function ensembleOf(
  members: readonly TrainedModel[],
  { folder, pairs, runId }: EnsemblePlan,
): Promise<Pick<TrainedModel, 'card' | 'folder'>> {
  const registry = new ModelRegistry(folder);
  const finished = await registry.current();
  if (finished.status === 'found') return finished.value;
  const read = await readAllMembers(members.map(({ folder }) => folder));
  const card = ensembleCard(runId, read, pairs);
  await saveEnsemble(folder, card, read);
  await registry.promote(card);
  return { card, folder: join(folder, card.folder) };
}

/** All members of these models; one that is no ensemble is its own. Rejects with the code `MODEL_UNREADABLE`. */
export async function readAllMembers(folders: readonly string[]): Promise<EnsembleMember[]> {
  const members: EnsembleMember[] = [];
  for (const folder of folders) {
    const read = await readMembers(folder);
    if (read.status !== 'found') {
      throw Object.assign(new Error(describe(read)), { code: 'MODEL_UNREADABLE' });
    }
    members.push(...read.value.members);
  }
  return members;
}
