import { decodeConcurrency } from '../../operators/sharp.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import type { StorePaths } from '../../store/store-paths.js';
import { preprocessingKey, preprocessingOf } from '../staleness.js';
import { Intake, type IntakeOptions } from './intake.js';
import { SampleAssembly } from './sample-assembly.js';

/** Larger images are refused undecoded: 100 megapixels are 400 of Kaggle's. */
export const mostImagePixels = 100_000_000;

/** An intake as the settings ask for. */
export function makeIntake(
  settings: Pick<Settings, 'raw' | 'size' | 'settle'>,
  catalog: Catalog,
  paths: Pick<StorePaths, 'masks'>,
  from: Pick<IntakeOptions, 'signals$' | 'reconcileEveryMs' | 'patienceMs'>,
): Intake {
  const preprocessing = preprocessingOf(settings.size);
  return new Intake({
    raw: settings.raw,
    catalog,
    size: settings.size,
    preprocessing: preprocessingKey(preprocessing),
    maxPixels: mostImagePixels,
    settleMs: settings.settle,
    // While some are decoded, as many are read, hashed or written.
    concurrency: 2 * decodeConcurrency,
    assembly: new SampleAssembly(catalog, preprocessing, paths.masks),
    ...from,
  });
}
