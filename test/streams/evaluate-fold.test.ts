import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type {
  BatchSource,
  ImageBatch,
  ProbabilityBatch,
  TrainingRun,
} from '../../src/compute/compute.js';
import { recipes } from '../../src/model/recipe.js';
import { openStore } from '../../src/store/open-store.js';
import { pixelKeysOf } from '../../src/store/pixel-keys.js';
import type { SampleRecord } from '../../src/store/records.js';
import { evaluateFold } from '../../src/streams/evaluation/evaluate-fold.js';
import {
  type EvaluationFold,
  planEvaluation,
} from '../../src/streams/evaluation/evaluation-plan.js';
import { subjectOf } from '../../src/streams/training/training-split.js';
import { FakeCompute } from '../support/fake-compute.js';
import { temporaryFolder } from '../support/tiny-run.js';

const size = { height: 16, width: 16 };
const settings = { size, batchSize: 4, epochs: 1, folds: 5, precision: 'float32' } as const;
const area = size.height * size.width;

/** The brighter, the surer; remembers all that it was trained with. */
class BrightnessCompute extends FakeCompute {
  readonly seen = createHash('sha256');

  override train(run: TrainingRun, source: BatchSource) {
    const { modelsFolder: _, ...given } = run;
    this.seen.update(JSON.stringify(given));
    const { seen } = this;
    const watched: BatchSource = async function* (pass) {
      for await (const batch of source(pass)) {
        seen.update(batch.images).update(batch.masks);
        yield batch;
      }
    };
    return super.train(run, watched);
  }

  override async predictBy(_: string, { count, images }: ImageBatch): Promise<ProbabilityBatch> {
    return { count, probabilities: Float32Array.from(images, (pixel) => pixel / 255) };
  }
}

/** Images of every brightness; foreground begins at a share that is the subject's. */
function pixelsOf(sample: SampleRecord, from: number) {
  const image = Uint8Array.from(
    { length: area },
    (_, at) => (at + Number(subjectOf(sample))) % 256,
  );
  return { image, mask: image.map((pixel) => (pixel >= from * 255 ? 1 : 0)) };
}

const pairs = Array.from({ length: 12 }, (_, subject) =>
  Array.from({ length: 5 }, (_, index): SampleRecord => {
    const id = `${subject + 1}_${index + 1}`;
    const shas = { imageSha: `i${id}`, maskSha: `m${id}` };
    return { id, split: 'train', ...shas, fingerprint: `f${id}`, preprocessing: '16x16:v1' };
  }),
).flat();
const plan = planEvaluation(pairs, recipes.fast, settings, '1')!;

/** All that a fold's model depends on, when the foreground of those held out begins at `heldOutFrom`. */
async function whatDecides(
  heldOutFrom: number,
  { leak, models = 1 }: { leak?: (fold: EvaluationFold) => EvaluationFold; models?: number } = {},
) {
  const root = temporaryFolder();
  const store = await openStore(join(root, 'store'), 'test');
  try {
    const fold = plan.folds[0]!;
    const held = new Set(fold.heldOut.map(({ id }) => id));
    await store.catalog.commit(
      pairs.flatMap((pair) => {
        const { image, mask } = pixelsOf(pair, held.has(pair.id) ? heldOutFrom : 0.3);
        const keys = pixelKeysOf(pair);
        const original = { originalHeight: 16, originalWidth: 16 };
        return [
          { put: 'pixels' as const, key: keys.image, record: { ...original, pixels: image } },
          { put: 'pixels' as const, key: keys.mask, record: { ...original, pixels: mask } },
        ];
      }),
    );
    const compute = new BrightnessCompute();
    const evaluated = await evaluateFold(leak?.(fold) ?? fold, 1, {
      catalog: store.catalog,
      compute,
      memory: { contradictions: new Map() },
      settings,
      recipe: { ...recipes.fast, models },
      plan,
      folder: join(root, 'fold'),
      emit: () => {},
      stopping: new AbortController().signal,
    });
    const { postProcessing, tuning } = evaluated!.heldOut.record;
    const runs = compute.runs.length;
    return { runs, trainedWith: compute.seen.digest('hex'), postProcessing, tuning };
  } finally {
    await store.close();
  }
}

test.each([
  1, 3,
])('whatever the held-out masks are, %i models and their post-processing come out the same', async (models) => {
  const honest = await whatDecides(0.3, { models });
  // There is something to be tuned, or this would prove nothing.
  expect(honest.postProcessing.threshold).toBeLessThan(0.5);
  expect(await whatDecides(0.65, { models })).toEqual(honest);
  expect(honest.runs).toBe(models);
});

test.each<[string, (fold: EvaluationFold) => EvaluationFold]>([
  ['tuning', (fold) => ({ ...fold, validation: [...fold.validation, ...fold.heldOut] })],
  ['training', (fold) => ({ ...fold, training: [...fold.training, ...fold.heldOut] })],
])('a leak into %s would be seen by this', async (_, leak) => {
  expect(await whatDecides(0.65, { leak })).not.toEqual(await whatDecides(0.3, { leak }));
});
