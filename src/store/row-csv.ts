import type { PixelSpacing } from '../formats/frames.js';
import type { Catalog } from './catalog.js';
import { type PredictionRecord, type PredictionRow, sampleKey } from './records.js';

/** A CSV with a line for each row in the catalog. */
export interface RowCsv {
  readonly header: string;
  /** With its line end. */
  readonly lineOf: (row: PredictionRecord, spacing: PixelSpacing | undefined) => string;
}

/** How large the pixels of a row's image are, where that is known: the image may be another one by now. */
export function spacingOf(
  { id, imageSha }: Pick<PredictionRow, 'id' | 'imageSha'>,
  { samples }: Pick<Catalog, 'samples'>,
): PixelSpacing | undefined {
  const sample = samples.get(sampleKey({ split: 'test', id }));
  return sample?.imageSha === imageSha ? sample.spacing : undefined;
}
