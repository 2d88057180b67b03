import { join } from 'node:path';
import type { ModelEvent } from '../../events.js';
import type { Recipe } from '../../model/recipe.js';
import { untunedPostProcessing } from '../../operators/post-processing.js';
import type { TuningSample } from '../../operators/tune-post-processing.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import { saveEnsemble } from '../../store/ensemble-folder.js';
import { type HeldOut, readHeldOut } from '../../store/held-out.js';
import { ModelRegistry } from '../../store/model-registry.js';
import type { OpenStore } from '../../store/open-store.js';
import { pixelKeysOf } from '../../store/pixel-keys.js';
import type { SampleRecord } from '../../store/records.js';
import { ensembleCard } from '../training/ensemble-card.js';
import { runIdOf } from '../training/plan-training.js';
import { promotedUncompared } from '../training/promotion-rule.js';
import { readAllMembers } from '../training/train-ensemble.js';
import { fingerprintsOf } from '../training/training-split.js';
import { everyNth, tunedOn } from '../training/tune-on.js';

export interface PromoteOptions {
  readonly store: Pick<OpenStore, 'catalog' | 'paths'>;
  readonly settings: Pick<Settings, 'size'>;
  readonly recipe: Recipe;
  readonly seeds: number;
  readonly now?: () => Date;
}

/**
 * Makes one ensemble of the models of finished folds, which predicts from now on: in a folder of its
 * own that holds all of them. Its post-processing is tuned on what each fold's model made of the
 * images that it had not seen, so it is chosen on all subjects and on none that its model knew.
 *
 * @param foldFolders of folds that are finished
 * @param pairs all of the evaluation
 */
export async function promoteFolds(
  foldFolders: readonly string[],
  pairs: readonly SampleRecord[],
  { store, settings, recipe, seeds, now = () => new Date() }: PromoteOptions,
): Promise<ModelEvent> {
  const { catalog, paths } = store;
  const byId = new Map(pairs.map((pair) => [pair.id, pair]));
  // Each pair is held out once for each seed.
  const every = everyNth(pairs.length * seeds);
  const modelFolders: string[] = [];
  const samples: TuningSample[] = [];
  for (const folder of foldFolders) {
    const read = await readHeldOut(folder);
    if (read.status !== 'found') throw new Error(`${folder} is no finished fold`);
    modelFolders.push(join(folder, read.value.record.modelFolder));
    samples.push(...(await tuningSamples(read.value, every, byId, catalog, settings)));
  }
  const members = await readAllMembers(modelFolders);
  const untuned = untunedPostProcessing(recipe);
  const tuned = await tunedOn(samples, settings.size, untuned);
  const postProcessing = tuned?.settings ?? untuned;
  const runId = runIdOf(now());
  const card = {
    ...ensembleCard(runId, members, pairs),
    postProcessing,
    ...(tuned && { temperature: tuned.temperature }),
  };
  const registry = new ModelRegistry(paths.models);
  const before = await registry.currentCard();
  await saveEnsemble(paths.models, card, members);
  await catalog.commit([{ put: 'training-set', runId, fingerprints: fingerprintsOf(pairs) }]);
  await registry.promote(card);
  return promotedUncompared(card.modelId, before?.modelId ?? null, 'requested');
}

async function tuningSamples(
  { record, probabilities, presence }: HeldOut,
  every: number,
  byId: ReadonlyMap<string, SampleRecord>,
  { cache }: Pick<Catalog, 'cache'>,
  { size }: Pick<Settings, 'size'>,
): Promise<TuningSample[]> {
  const area = size.height * size.width;
  const chosen = [...record.ids.entries()].filter(([index]) => index % every === 0);
  const keys = chosen.map(([, id]) => pixelKeysOf(byId.get(id)!).mask);
  const masks = await cache.readPixels(keys);
  return chosen.flatMap(([index], nth) => {
    const mask = masks[nth];
    if (mask === undefined) return [];
    return {
      // A copy: the rest of the fold's may go.
      probabilities: probabilities.slice(index * area, (index + 1) * area),
      truth: mask.pixels,
      ...(presence !== null && { presence: presence[index]! }),
    };
  });
}
