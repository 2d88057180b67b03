import type { PipelineEvent } from '../../events.js';
import type { Batch, ImageInHand } from './image-in-hand.js';

/** What is told of predicted images; of one that keeps failing in the same way, once. */
export class PredictionReports {
  private readonly lastReported = new Map<string, string>();

  /** @param ms that an image of the batch took */
  of(batch: Batch, ms: number): PipelineEvent[] {
    return batch.flatMap((image) => this.ofImage(image, ms));
  }

  forget(id: string): void {
    this.lastReported.delete(id);
  }

  private ofImage(image: ImageInHand, ms: number): PipelineEvent[] {
    const { id } = image.sample;
    if (image.at === 'refused') {
      const { stage, failure } = image;
      if (this.lastReported.get(id) === failure.code) return [];
      this.lastReported.set(id, failure.code);
      return [{ type: 'item.failed', path: `test/${id}`, stage, ...failure }];
    }
    if (image.at !== 'done') return [];
    this.lastReported.delete(id);
    const { pixels, modelId } = image.row;
    const { picture, reason } = image;
    return [
      { type: 'item.predicted', id, pixels, ms, modelId, reason },
      ...(picture === null ? [] : [{ type: 'preview', id, split: 'test', picture } as const]),
    ];
  }
}
