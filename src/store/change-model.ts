import { basename, join } from 'node:path';
import type { ModelChangedEvent, ModelRequest } from '../events.js';
import type { ModelCard } from '../model/card.js';
import { fail, ok, type Result } from '../operators/result.js';
import { bytesUnder } from './bytes-under.js';
import { findResumable } from './checkpoints.js';
import { findModel } from './find-model.js';
import { keepModel, keptModels, unkeepModel } from './kept-models.js';
import { modelIdOf, readCard } from './model-folder.js';
import type { ModelRegistry, SavedModel } from './model-registry.js';
import { removeModel } from './prune-models.js';
import { describe, findDamage } from './whole-folder.js';

/** What the program that works on the store needs of its models. */
export interface ModelsInUse {
  /** What it takes in and predicts; null where nothing does. */
  readonly size: ModelCard['size'] | null;
  /** The training that is under way. */
  readonly training: { readonly runId: string; readonly startedFrom: string | null } | null;
}

export const noModelsInUse: ModelsInUse = { size: null, training: null };

export interface ModelChange {
  readonly event: ModelChangedEvent;
  /** The model that is to predict from now on; null where that has not changed. */
  readonly used: SavedModel | null;
}

export type ModelChangeCode =
  | 'MODEL_NOT_FOUND'
  | 'MODEL_UNREADABLE'
  | 'MODEL_OF_OTHER_SIZE'
  | 'MODEL_CURRENT'
  | 'MODEL_KEPT'
  | 'MODEL_NEEDED';

/**
 * Does what a person asks for. To be called in the registry's turn, by the process that holds the store.
 * Rejects with the file system's error.
 */
export async function changeModel(
  registry: ModelRegistry,
  { verb, model }: ModelRequest,
  inUse: ModelsInUse,
): Promise<Result<ModelChange, ModelChangeCode>> {
  const found = await findModel(registry.folder, model);
  if (!found.ok) return found;
  const name = found.value;
  switch (verb) {
    case 'use':
      return await use(registry, name, inUse);
    case 'keep':
      await keepModel(registry.folder, name);
      return ok(marked(name, true));
    case 'unkeep':
      await unkeepModel(registry.folder, name);
      return ok(marked(name, false));
    case 'remove':
      return await remove(registry, name, inUse);
  }
}

function marked(name: string, isKept: boolean): ModelChange {
  return { event: { type: 'model.marked', modelId: modelIdOf(name), isKept }, used: null };
}

async function use(
  registry: ModelRegistry,
  name: string,
  { size }: ModelsInUse,
): Promise<Result<ModelChange, ModelChangeCode>> {
  const folder = join(registry.folder, name);
  const card = await readCard(folder);
  const damage = card.status === 'found' ? await findDamage(folder) : card;
  if (card.status !== 'found' || damage !== null) {
    const what = describe(damage ?? card);
    return fail('MODEL_UNREADABLE', `${what}; nerveflow models lists those that can be used.`);
  }
  const { modelId, size: its } = card.value;
  if (size !== null && (its.height !== size.height || its.width !== size.width)) {
    const wanted = `--size ${its.height}x${its.width}`;
    return fail(
      'MODEL_OF_OTHER_SIZE',
      `${modelId} reads images of another size; stop the program that runs, ask again, then start it with ${wanted}.`,
    );
  }
  const previous = (await registry.currentCard())?.modelId ?? null;
  await registry.use(card.value);
  return ok({
    event: { type: 'model.used', modelId, previous },
    used: { card: card.value, folder },
  });
}

async function remove(
  registry: ModelRegistry,
  name: string,
  { training }: ModelsInUse,
): Promise<Result<ModelChange, ModelChangeCode>> {
  const modelId = modelIdOf(name);
  const current = await registry.current();
  if (current.status === 'found' && basename(current.value.folder) === name) {
    return fail('MODEL_CURRENT', `${modelId} is the current model: use another one first.`);
  }
  if ((await keptModels(registry.folder)).has(name)) {
    return fail('MODEL_KEPT', `${modelId} is kept: unkeep it first.`);
  }
  const path = join(registry.folder, name);
  const card = await readCard(path);
  const interrupted = await findResumable(registry.folder);
  const runIds = [training?.runId, interrupted?.runId];
  const isOfTraining = card.status === 'found' && runIds.includes(card.value.runId);
  if (isOfTraining || training?.startedFrom === modelId) {
    const end = training === null ? 'let nerveflow train finish it first' : 'wait for its end';
    return fail('MODEL_NEEDED', `${modelId} is needed by a training that is not over: ${end}.`);
  }
  const bytes = await bytesUnder(path);
  if (!(await removeModel(registry.folder, name))) {
    return fail('MODEL_KEPT', `${modelId} has just become needed: nerveflow models tells why.`);
  }
  return ok({ event: { type: 'model.removed', modelId, bytes }, used: null });
}
