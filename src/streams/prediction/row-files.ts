import type { PipelineEvent, Stage } from '../../events.js';
import { measurementsCsv } from '../../store/measurements-csv.js';
import type { RowCsv } from '../../store/row-csv.js';
import type { StorePaths } from '../../store/store-paths.js';
import { submissionCsv } from '../../store/submission-csv.js';

export interface RowCounts {
  readonly rows: number;
  /** Whose mask is not empty. */
  readonly nonEmpty: number;
}

/** A file that holds the catalog's rows, and what is told of it. */
export interface RowFile extends RowCsv {
  readonly path: string;
  /** Where it failed when it could not be written. */
  readonly stage: Stage;
  readonly written: (counts: RowCounts) => PipelineEvent;
  /** The file of an earlier run still says what is current. */
  readonly unchanged?: (counts: RowCounts, writtenAt: string) => PipelineEvent;
}

export function submissionFile({ submission: path }: Pick<StorePaths, 'submission'>): RowFile {
  return {
    ...submissionCsv,
    path,
    stage: 'submission',
    written: (counts) => ({ type: 'submission.written', path, ...counts }),
    unchanged: (counts, writtenAt) => ({
      type: 'submission.unchanged',
      path,
      ...counts,
      writtenAt,
    }),
  };
}

export function measurementsFile({
  measurements: path,
}: Pick<StorePaths, 'measurements'>): RowFile {
  return {
    ...measurementsCsv,
    path,
    stage: 'measurements',
    written: ({ rows }) => ({ type: 'measurements.written', path, rows }),
  };
}
