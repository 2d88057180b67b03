import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { EvaluatedFold, EvaluationEvent, EvaluationFigures } from '../../events.js';
import { bootstrapInterval, bootstrapResamples } from '../../operators/bootstrap.js';
import { type MaskScore, meanScores } from '../../operators/mask-score.js';
import { meanOf, standardDeviation } from '../../operators/statistics.js';
import type { ScoredImage } from './score-fold.js';

type Done = Extract<EvaluationEvent, { type: 'evaluation.done' }>;

/** More are in the CSV. */
const worstNamed = 8;
/** The interval is the same in every run. */
const bootstrapSeed = 1;

/** Figures over all images of all folds and seeds, and how far they vary. */
export function summariseEvaluation(
  images: readonly ScoredImage[],
  folds: readonly EvaluatedFold[],
  about: Pick<Done, 'fingerprint' | 'folder' | 'recipe' | 'epochs' | 'size' | 'seeds'>,
): Done {
  const subjects = new Set(images.map(({ subject }) => subject));
  const byId = grouped(images, ({ id }) => id);
  const worst = [...byId]
    .map(([id, ofId]) => ({ id, dice: meanOf(ofId, ({ model }) => model.dice) }))
    .sort((a, b) => a.dice - b.dice || (a.id < b.id ? -1 : 1));
  return {
    type: 'evaluation.done',
    ...about,
    pairs: byId.size,
    subjects: subjects.size,
    model: figuresOf(images, ({ model }) => model),
    untuned: figuresOf(images, ({ untuned }) => untuned),
    meanMask: figuresOf(images, ({ meanMask }) => meanMask),
    allEmpty: figuresOf(images, ({ allEmpty }) => allEmpty),
    folds,
    resamples: bootstrapResamples,
    foldSpread: standardDeviation(
      [...grouped(folds, ({ fold }) => fold).values()].map((ofFold) =>
        meanOf(ofFold, ({ dice }) => dice),
      ),
    ),
    seedDice: [...grouped(images, ({ seed }) => seed)].map(([seed, ofSeed]) => ({
      seed,
      dice: meanOf(ofSeed, ({ model }) => model.dice),
    })),
    worst: worst.slice(0, worstNamed),
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

function figuresOf(
  images: readonly ScoredImage[],
  scoreOf: (image: ScoredImage) => MaskScore,
): EvaluationFigures {
  const bySubject = grouped(images, ({ subject }) => subject);
  const diceOf = (image: ScoredImage) => scoreOf(image).dice;
  return {
    ...meanScores(images.map(scoreOf)),
    diceInterval: bootstrapInterval(
      [...bySubject.values()].map((ofSubject) => ofSubject.map(diceOf)),
      bootstrapSeed,
    ),
  };
}

function csvOf(images: readonly ScoredImage[]): string {
  const header =
    'id,subject,fold,seed,dice,iou,hausdorff95,truth_pixels,found_pixels,presence,untuned_dice,mean_mask_dice,all_empty_dice';
  const rows = images.map(({ id, subject, fold, seed, presence, model, ...others }) =>
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
    ].join(','),
  );
  return `${[header, ...rows].join('\n')}\n`;
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
