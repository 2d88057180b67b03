import type { PipelineEvent } from '../events.js';
import type { Instruments } from './instruments.js';

/** Images and masks: taken in, failed, removed, predicted. */
export function itemMetrics(make: Instruments): (event: PipelineEvent) => void {
  const ingested = make.counter(
    'items_ingested_total',
    'Samples taken in because they were new or had changed: an image with its mask (train) or a test image',
    ['split', 'reason'],
  );
  const cacheHits = make.counter(
    'cache_hits_total',
    'Samples found unchanged, for which nothing had to be decoded',
    ['split'],
  );
  const failed = make.counter(
    'items_failed_total',
    'Failures of single files, by where they happened and their code',
    ['stage', 'code'],
  );
  const removed = make.counter(
    'items_removed_total',
    'Samples that went because their files went',
    ['split'],
  );
  const predictions = make.counter('predictions_total', 'Masks predicted for test images, by why', [
    'reason',
  ]);
  for (const split of ['train', 'test']) {
    cacheHits.inc({ split }, 0);
    removed.inc({ split }, 0);
    for (const reason of ['new', 'changed', 'mask-changed', 'settings-changed']) {
      ingested.inc({ split, reason }, 0);
    }
  }
  for (const reason of ['new', 'changed', 'model-changed', 'settings-changed', 'requested']) {
    predictions.inc({ reason }, 0);
  }

  return (event) => {
    switch (event.type) {
      case 'item.ingested': {
        const { split, reason } = event;
        if (reason === 'cached') cacheHits.inc({ split });
        else ingested.inc({ split, reason });
        return;
      }
      case 'item.failed':
        failed.inc({ stage: event.stage, code: event.code });
        return;
      case 'item.removed':
        removed.inc({ split: event.split });
        return;
      case 'item.predicted':
        predictions.inc({ reason: event.reason });
        return;
    }
  };
}
