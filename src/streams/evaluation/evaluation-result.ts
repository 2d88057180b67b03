import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { EvaluatedFold, EvaluationEvent } from '../../events.js';
import { bootstrapResamples } from '../../operators/bootstrap-interval.js';
import { groupBy } from '../../operators/group-by.js';
import { meanOf, standardDeviation } from '../../operators/statistics.js';
import { uncertaintyRanking } from '../../operators/uncertainty-ranking.js';
import { figuresOf, worstOf } from './evaluation-figures.js';
import { measureAgreements } from './measure-agreement.js';
import type { ScoredImage } from './score-fold.js';
import type { TrueMeasures } from './true-measures.js';

type Done = Extract<EvaluationEvent, { type: 'evaluation.done' }>;

/** Figures over all images of all folds and seeds, and how far they vary. */
export function summariseEvaluation(
  images: readonly ScoredImage[],
  folds: readonly EvaluatedFold[],
  table: TrueMeasures['is'] | null,
  about: Pick<
    Done,
    'fingerprint' | 'folder' | 'recipe' | 'epochs' | 'size' | 'seeds' | 'labelCeiling'
  >,
): Done {
  const subjectOf = ({ subject }: ScoredImage) => subject;
  const byId = groupBy(images, ({ id }) => id);
  return {
    type: 'evaluation.done',
    ...about,
    pairs: byId.size,
    subjects: new Set(images.map(subjectOf)).size,
    model: figuresOf(images, subjectOf, ({ model }) => model),
    untuned: figuresOf(images, subjectOf, ({ untuned }) => untuned),
    meanMask: figuresOf(images, subjectOf, ({ meanMask }) => meanMask),
    allEmpty: figuresOf(images, subjectOf, ({ allEmpty }) => allEmpty),
    measures: measureAgreements(images, table),
    uncertainty: uncertaintyRanking(
      images.map(({ uncertainty, model }) => ({ uncertainty, dice: model.dice })),
    ),
    folds,
    resamples: bootstrapResamples,
    foldSpread: standardDeviation(
      [...groupBy(folds, ({ fold }) => fold).values()].map((ofFold) =>
        meanOf(ofFold, ({ dice }) => dice),
      ),
    ),
    seedDice: [...groupBy(images, ({ seed }) => seed)].map(([seed, ofSeed]) => ({
      seed,
      dice: meanOf(ofSeed, ({ model }) => model.dice),
    })),
    worst: worstOf(
      [...byId].map(([id, ofId]) => ({ id, dice: meanOf(ofId, ({ model }) => model.dice) })),
    ),
    json: join(about.folder, 'evaluation.json'),
    csv: join(about.folder, 'images.csv'),
  };
}

/** Writes the result as JSON and a row for each image as CSV, each whole. */
export async function writeEvaluation(result: Done, images: readonly ScoredImage[]): Promise<void> {
  const { type: _, ...content } = result;
  await writeFileAtomic(result.csv, csvOf(images));
  await writeFileAtomic(result.json, `${JSON.stringify(content, null, 2)}\n`);
}

function csvOf(images: readonly ScoredImage[]): string {
  const header =
    'id,subject,fold,seed,dice,iou,hausdorff95,truth_pixels,found_pixels,presence,untuned_dice,mean_mask_dice,all_empty_dice,uncertainty,truth_area_mm2,found_area_mm2,truth_circumference_mm,found_circumference_mm,table_measure';
  const rows = images.map(({ id, subject, fold, seed, presence, model, sizes, ...others }) =>
    [
      id,
      subject,
      fold,
      seed,
      model.dice,
      model.iou,
      model.hausdorff95 ?? '',
      model.truthPixels,
      model.foundPixels,
      presence ?? '',
      others.untuned.dice,
      others.meanMask.dice,
      others.allEmpty.dice,
      others.uncertainty,
      sizes?.truth.area ?? '',
      sizes?.found.area ?? '',
      sizes?.truth.circumference ?? '',
      sizes?.found.circumference ?? '',
      others.table ?? '',
    ].join(','),
  );
  return `${[header, ...rows].join('\n')}\n`;
}
