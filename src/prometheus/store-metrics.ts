import { type Instruments, setOrRemove } from './instruments.js';

/** What is counted when somebody asks, and told by no event. */
export interface StoreCounts {
  readonly files: number;
  readonly pairs: number;
  readonly testImages: number;
  readonly rows: number;
  readonly nonEmptyRows: number;
  /** Test images without a current prediction; null where nothing predicts. */
  readonly pending: number | null;
  /** Time stamp of submission.csv; null where there is none. */
  readonly submissionAtMs: number | null;
}

/** What the store holds, counted when somebody looks. */
export function storeMetrics(make: Instruments): (counts: StoreCounts) => void {
  const files = make.gauge('files', 'Files of the raw folder that are in the cache');
  const pairs = make.gauge('pairs', 'Images with masks to train on');
  const testImages = make.gauge('test_images', 'Test images');
  const rows = make.gauge('rows', 'Test images that have a prediction');
  const nonEmptyRows = make.gauge(
    'rows_with_nerve',
    'Test images whose predicted mask is not empty',
  );
  const pending = make.gauge('pending_images', 'Test images without a current prediction');
  const submissionAt = make.unknownGauge(
    'submission_written_timestamp_seconds',
    'When submission.csv was last replaced, as Unix time; absent where there is none',
  );
  return (counts) => {
    files.set(counts.files);
    pairs.set(counts.pairs);
    testImages.set(counts.testImages);
    rows.set(counts.rows);
    nonEmptyRows.set(counts.nonEmptyRows);
    pending.set(counts.pending ?? counts.testImages - counts.rows);
    const { submissionAtMs } = counts;
    setOrRemove(submissionAt, submissionAtMs === null ? null : submissionAtMs / 1000);
  };
}
