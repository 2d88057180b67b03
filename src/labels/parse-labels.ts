import { readSubmissionRows } from '../operators/read-submission-rows.js';
import { fail, ok, type Result } from '../operators/result.js';
import { parseCoco } from './coco.js';
import { labelsOfRows } from './kaggle-csv.js';
import { parseLabelme } from './labelme.js';
import type { LabelFileCode, ParsedLabels, WantedLabel } from './parsed-labels.js';

/**
 * A file of labels, whatever its name: COCO's or labelme's JSON, or run lengths as Kaggle's
 * train_masks.csv has them. Those are of one label: `wanted` is for JSON.
 */
export function parseLabels(
  text: string,
  wanted: WantedLabel = null,
): Result<ParsedLabels, LabelFileCode> {
  if (!/^[\s\uFEFF]*[{[]/.test(text)) return parseRows(text);
  const coco = parseCoco(text, wanted);
  // Labelme's one image is not in a list.
  if (coco.ok || coco.failure.code !== 'NOT_A_LABEL_FILE') return coco;
  const labelme = parseLabelme(text, wanted);
  if (labelme.ok || labelme.failure.code !== 'NOT_A_LABEL_FILE') return labelme;
  const message = `neither COCO (${coco.failure.message}) nor labelme (${labelme.failure.message})`;
  return fail('NOT_A_LABEL_FILE', message);
}

function parseRows(text: string): Result<ParsedLabels, LabelFileCode> {
  const { rows, failures } = readSubmissionRows(text);
  const [failure] = failures;
  if (failure !== undefined) {
    const where = failure.line === null ? '' : `line ${failure.line}: `;
    return fail('BAD_LABEL', `${where}${failure.message}`);
  }
  if (rows.size === 0) return fail('NOT_A_LABEL_FILE', 'it has no row of run lengths');
  const labels = labelsOfRows(rows.values());
  return labels.ok ? ok({ labels: labels.value, leftOut: [] }) : labels;
}
