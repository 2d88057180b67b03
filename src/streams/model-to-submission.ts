import type { Observable, OperatorFunction } from 'rxjs';
import type { Compute } from '../compute/compute.js';
import type { PipelineEvent } from '../events.js';
import { kaggleLayout } from '../layout/kaggle.js';
import { predictionBatch } from '../model/recipe.js';
import {
  type PreprocessingSettings,
  preprocessingKey,
  preprocessingOf,
} from '../operators/fingerprint.js';
import type { Settings } from '../settings/options.js';
import type { Catalog } from '../store/catalog.js';
import type { StorePaths } from '../store/store-paths.js';
import type { PredictionPause } from './coordinator/state.js';
import { commitRows } from './prediction/commit-rows.js';
import { drawMask } from './prediction/draw-mask.js';
import { eachImage } from './prediction/each-image.js';
import type { Batch } from './prediction/image-in-hand.js';
import { MaskKeeper } from './prediction/mask-keeper.js';
import { predictImages } from './prediction/predict-images.js';
import { Predictor } from './prediction/predictor.js';
import { PreviewAllowance } from './prediction/preview-allowance.js';
import { readPixels } from './prediction/read-pixels.js';
import { reuseRow } from './prediction/reuse-row.js';
import { RowFileKeeper } from './prediction/row-file-keeper.js';
import { measurementsFile, submissionFile } from './prediction/row-files.js';
import type { ServedModel } from './prediction/served-model.js';
import { StaleImages } from './prediction/stale-images.js';
import { writeMask } from './prediction/write-mask.js';

export interface PredictionContext {
  readonly settings: Pick<Settings, 'batchSize'> &
    Partial<Pick<Settings, 'layout'>> &
    PreprocessingSettings;
  readonly catalog: Catalog;
  readonly paths: Pick<StorePaths, 'masks' | 'submission' | 'measurements'>;
  readonly compute: Pick<Compute, 'serve' | 'predict'>;
  /** Why nothing new is to be predicted now. */
  readonly pauses$: Observable<readonly PredictionPause[]>;
  readonly emit: (event: PipelineEvent) => void;
}

/**
 * The third page: test images without a current prediction become masks and rows.
 *
 *     model ──> stale images ──> batches ──> predict ──> draw ──> mask files
 *     image ──>  and why         pulled                   │
 *                                                         └──> rows ──> submission.csv, measurements.csv
 *
 * What is stale is a set of ids: whatever becomes of an image meanwhile, only its newest state is
 * predicted. Batches are pulled, two at a time, so that no more pixels than theirs are in memory,
 * however many images wait. Pixels stay bytes up to the compute process, which normalises them by
 * the mean and deviation saved with the model: they belong to it, not to what raw/ holds today.
 */
export function modelToSubmission(context: PredictionContext): Predictor {
  const { settings, catalog, paths, compute, pauses$, emit } = context;
  const { size, batchSize, layout = kaggleLayout } = settings;
  const previews = new PreviewAllowance();
  const toMaskFile = writeMask(catalog, paths.masks);

  const toRows =
    (model: ServedModel): OperatorFunction<Batch, Batch> =>
    (stale$) =>
      stale$.pipe(
        eachImage((image$) => image$.pipe(reuseRow(catalog, model), toMaskFile)),
        readPixels(catalog),
        predictImages(compute, size),
        eachImage((image$) => image$.pipe(drawMask(catalog, model, size, previews), toMaskFile)),
        commitRows(catalog),
      );

  return new Predictor({
    catalog,
    compute,
    stale: new StaleImages(catalog, preprocessingKey(preprocessingOf(settings))),
    toRows,
    masks: new MaskKeeper(catalog, paths.masks, emit, !layout.idsTellAll),
    submission: new RowFileKeeper(catalog, submissionFile(paths), emit),
    measurements: new RowFileKeeper(catalog, measurementsFile(paths), emit),
    pauses$,
    batchSize: batchSize ?? predictionBatch,
    emit,
  });
}
