import { postProcessingKey } from '../operators/fingerprint.js';
import type { PredictionRecord, SampleRecord } from '../store/records.js';
import type { ServedModel } from './staleness.js';

/**
 * Rows by what they were made from, whatever the image is called: one that is renamed or copied
 * has its row already. Rows of images that went are kept until the next `reset`, since a rename
 * may first be seen as a removal.
 */
export class KnownRows {
  private readonly byOrigin = new Map<string, PredictionRecord>();

  reset(rows: Iterable<PredictionRecord>): void {
    this.byOrigin.clear();
    for (const row of rows) this.add(row);
  }

  add(row: PredictionRecord): void {
    this.byOrigin.set(originOf(row), row);
  }

  find(
    sample: SampleRecord,
    { modelId, postProcessing }: ServedModel,
  ): PredictionRecord | undefined {
    const { imageSha, preprocessing } = sample;
    const made = { modelId, postprocessing: postProcessingKey(postProcessing) };
    return this.byOrigin.get(originOf({ imageSha, preprocessing, ...made }));
  }
}

function originOf({
  imageSha,
  preprocessing,
  modelId,
  postprocessing,
}: Pick<PredictionRecord, 'imageSha' | 'preprocessing' | 'modelId' | 'postprocessing'>): string {
  return [imageSha, preprocessing, modelId, postprocessing].join('|');
}
