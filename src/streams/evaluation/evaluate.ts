import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Compute } from '../../compute/compute.js';
import type { EvaluatedFold, EvaluationEvent, PipelineEvent } from '../../events.js';
import { meanOf } from '../../operators/statistics.js';
import type { Settings } from '../../settings/options.js';
import { recipeOf } from '../../settings/recipe-of-settings.js';
import type { OpenStore } from '../../store/open-store.js';
import type { SampleRecord } from '../../store/records.js';
import { currentPairs } from '../training/select-pairs.js';
import { leastPairs } from '../training/when-to-train.js';
import { evaluateFold } from './evaluate-fold.js';
import { type EvaluationPlan, planEvaluation } from './evaluation-plan.js';
import { EvaluationProgress } from './evaluation-progress.js';
import { summariseEvaluation, writeEvaluation } from './evaluation-result.js';
import { labelCeilingOf } from './label-ceiling.js';
import { promoteFolds } from './promote-folds.js';
import { type ScoredImage, scoreFold } from './score-fold.js';
import { readTrueMeasures, type TrueMeasures } from './true-measures.js';
import { TruthMasks } from './truth-masks.js';

export type EvaluationDone = Extract<EvaluationEvent, { type: 'evaluation.done' }>;

export interface EvaluateOptions {
  readonly settings: Settings;
  readonly store: Pick<OpenStore, 'catalog' | 'paths'>;
  readonly compute: Compute;
  readonly emit: (event: PipelineEvent) => void;
  /** Of the program: another one evaluates anew. */
  readonly version: string;
  /** Aborted: nothing new is begun. */
  readonly stopping: AbortSignal;
}

export type EvaluationOutcome =
  | { readonly state: 'done'; readonly result: EvaluationDone }
  | { readonly state: 'interrupted' }
  /** The reason has been told. */
  | { readonly state: 'failed' };

/**
 * Cross-validates by subject, once for each seed: trains without a fold of subjects, then scores
 * their images on the original grid. Finished folds are kept under store/evaluations and not done
 * again; an interrupted one goes on from its checkpoint.
 */
export async function evaluateBySubject(options: EvaluateOptions): Promise<EvaluationOutcome> {
  const { settings, store, emit, version } = options;
  const pairs = currentPairs(store.catalog, settings).sort((a, b) => (a.id < b.id ? -1 : 1));
  const recipe = recipeOf(settings);
  const plan = planEvaluation(pairs, recipe, settings, version);
  if (pairs.length < leastPairs || plan === null) {
    const message = `The cache of ${store.paths.root} holds ${pairs.length} pairs at this --size; cross-validation takes at least ${leastPairs} of two subjects. Run nerveflow ingest first.`;
    return refuse(emit, 'TOO_FEW_PAIRS', message);
  }
  const truth = new TruthMasks(
    { raw: settings.raw, layout: settings.layout, reading: settings },
    store.catalog,
  );
  // Before hours of training rather than after.
  const gone = await truth.firstGone(pairs);
  if (gone !== null) {
    const message = `${gone} is not there; masks are scored at their own size, so --raw must be the folder that was taken in.`;
    return refuse(emit, 'MASK_GONE', message);
  }
  const measures = await readTrueMeasures(pairs, settings, store.catalog);
  if (!measures.ok) return refuse(emit, measures.failure.code, measures.failure.message);
  for (const message of measures.value?.remarks ?? []) {
    emit({ type: 'notice', level: 'warning', code: 'MEASURE_TABLE', message });
  }
  return await evaluatePlan(plan, pairs, { truth, measures: measures.value }, options);
}

async function evaluatePlan(
  plan: EvaluationPlan,
  pairs: readonly SampleRecord[],
  { truth, measures }: { truth: TruthMasks; measures: TrueMeasures | null },
  { settings, store, compute, emit, stopping }: EvaluateOptions,
): Promise<EvaluationOutcome> {
  const recipe = recipeOf(settings);
  const seeds = settings.seeds ?? [settings.seed];
  const folder = join(store.paths.evaluations, plan.fingerprint.slice(0, 16));
  await mkdir(folder, { recursive: true });
  emit({
    type: 'evaluation.started',
    fingerprint: plan.fingerprint,
    folder,
    recipe: recipe.name,
    epochs: settings.epochs,
    pairs: pairs.length,
    subjects: plan.subjects,
    folds: plan.folds.length,
    emptyFolds: plan.emptyFolds,
    seeds,
  });
  const memory = { contradictions: new Map() };
  const progress = new EvaluationProgress(plan.folds, seeds.length, settings.epochs, recipe.models);
  const images: ScoredImage[] = [];
  const folds: EvaluatedFold[] = [];
  const foldFolders: string[] = [];
  for (const seed of seeds) {
    for (const fold of plan.folds) {
      if (stopping.aborted) return { state: 'interrupted' };
      const foldFolder = join(folder, `seed-${seed}`, `fold-${fold.number}`);
      foldFolders.push(foldFolder);
      const evaluated = await evaluateFold(fold, seed, {
        catalog: store.catalog,
        compute,
        memory,
        settings,
        recipe,
        plan,
        folder: foldFolder,
        stopping,
        emit: (event) => {
          emit(event);
          const news = progress.after(event, seed, fold.number);
          if (news !== null) emit(news);
        },
      });
      if (evaluated === null) return { state: 'interrupted' };
      progress.finished(fold);
      const scored = await scoreFold(fold, evaluated.heldOut, seed, truth, {
        cache: store.catalog.cache,
        size: settings.size,
        untuned: recipe.threshold,
        measures,
      });
      for (const { path, failure } of scored.failed) {
        emit({ type: 'item.failed', path, stage: 'decode', ...failure });
      }
      if (scored.images.length === 0) {
        return refuse(emit, 'NOTHING_SCORED', `No mask of fold ${fold.number} could be read.`);
      }
      images.push(...scored.images);
      const result: EvaluatedFold = {
        seed,
        fold: fold.number,
        subjects: fold.subjects,
        pairs: scored.images.length,
        dice: meanOf(scored.images, ({ model }) => model.dice),
        postProcessing: evaluated.heldOut.record.postProcessing,
      };
      folds.push(result);
      emit({ type: 'evaluation.fold', ...result, isKept: evaluated.isKept });
    }
  }
  const { height, width } = settings.size;
  const result = summariseEvaluation(images, folds, measures?.is ?? null, {
    fingerprint: plan.fingerprint,
    folder,
    recipe: recipe.name,
    epochs: settings.epochs,
    size: `${height}x${width}`,
    seeds,
    labelCeiling: await labelCeilingOf(pairs, store.catalog.cache, settings.size),
  });
  await writeEvaluation(result, images);
  emit(result);
  if (settings.promote) {
    const options = { store, settings, recipe, memory, seeds: seeds.length };
    emit(await promoteFolds(foldFolders, pairs, options));
  }
  return { state: 'done', result };
}

function refuse(
  emit: EvaluateOptions['emit'],
  code: string,
  message: string,
): { readonly state: 'failed' } {
  emit({ type: 'notice', level: 'error', code, message });
  return { state: 'failed' };
}
