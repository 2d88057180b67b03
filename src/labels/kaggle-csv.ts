import type { SubmissionRow } from '../operators/read-submission-rows.js';
import { fail, ok, type Result } from '../operators/result.js';
import type { Label } from './label.js';

/** The labels of rows of run lengths, as Kaggle's train_masks.csv has them; no pixels: no nerve. */
export function labelsOfRows(
  rows: Iterable<Pick<SubmissionRow, 'id' | 'rle' | 'line'>>,
): Result<readonly Label[], 'BAD_LABEL'> {
  const labels: Label[] = [];
  for (const { id, rle, line } of rows) {
    const pairs = rle
      .split(/\s+/)
      .filter((word) => word !== '')
      .map(Number);
    const isPairs = pairs.every((value) => Number.isSafeInteger(value) && value > 0);
    if (!isPairs || pairs.length % 2 !== 0) {
      return fail('BAD_LABEL', `line ${line}: its pixels are not pairs of start and length`);
    }
    labels.push({
      image: id,
      size: null,
      shapes: pairs.length === 0 ? [] : [{ type: 'starts', pairs }],
    });
  }
  return ok(labels);
}
