import type { PipelineEvent } from '../events.js';
import type { ModelCard } from '../model/card.js';
import type { Settings } from '../settings/options.js';
import { recipeOf } from '../settings/recipe-of-settings.js';
import { ModelRegistry } from '../store/model-registry.js';
import type { OpenStore } from '../store/open-store.js';
import { importWeights } from '../streams/training/import-weights.js';
import { promotedUncompared } from '../streams/training/promotion-rule.js';

type Emit = (event: PipelineEvent) => void;

/** What `predict --model` asks for: the weights become the current model. False where they cannot, which has been told. */
export async function serveImported(
  path: string,
  settings: Settings,
  { catalog, paths }: OpenStore,
  emit: Emit,
): Promise<boolean> {
  const context = { catalog, settings, modelsFolder: paths.models };
  const imported = await importWeights(path, null, context);
  if (!imported.ok) {
    emit({ type: 'notice', level: 'error', ...imported.failure });
    return false;
  }
  const { card } = imported.value;
  const registry = new ModelRegistry(paths.models);
  const before = await registry.currentCard();
  if (before?.modelId === card.modelId) return true;
  await registry.use(card);
  const { modelId } = card;
  emit(
    before === null
      ? promotedUncompared(modelId, null, 'first')
      : { type: 'model.used', modelId, previous: before.modelId },
  );
  return true;
}

/** What `train --start-from` asks for; null without it, `none` where it cannot be gone on from, which has been told. */
export async function importedStart(
  settings: Settings,
  { catalog, paths }: OpenStore,
  emit: Emit,
): Promise<ModelCard | null | 'none'> {
  const { startFrom, like } = settings;
  if (startFrom === null) return null;
  const refuse = (code: string, message: string) => {
    emit({ type: 'notice', level: 'error', code, message });
    return 'none' as const;
  };
  const recipe = recipeOf(settings);
  if (recipe.models > 1) {
    const message = `Recipe ${recipe.name} trains an ensemble, whose members begin anew: --start-from takes a recipe of one model.`;
    return refuse('START_UNUSABLE', message);
  }
  if (like !== null) {
    const message = '--like begins as the model did that it repeats: give --start-from or --like.';
    return refuse('START_UNUSABLE', message);
  }
  const context = { catalog, settings, modelsFolder: paths.models };
  const imported = await importWeights(startFrom, recipe, context);
  if (!imported.ok) return refuse(imported.failure.code, imported.failure.message);
  const { card } = imported.value;
  if (card.fold.trainedSubjects === undefined) {
    const message = `${startFrom} does not say on whom it was trained: where those are among the validation subjects, the validation Dice is too good.`;
    emit({ type: 'notice', level: 'warning', code: 'START_SUBJECTS_UNKNOWN', message });
  }
  return card;
}
