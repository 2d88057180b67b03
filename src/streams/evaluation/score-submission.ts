import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { EvaluationEvent, PipelineEvent } from '../../events.js';
import { sharp } from '../../operators/configured-sharp.js';
import type { GridSize } from '../../operators/image.js';
import { compareDuplicatePaths, parseImageName } from '../../operators/image-name.js';
import { type MaskScore, scoreMask } from '../../operators/mask-metrics.js';
import { readSubmissionRows, type SubmissionRow } from '../../operators/read-submission-rows.js';
import type { Result } from '../../operators/result.js';
import { decodeRle } from '../../operators/rle.js';
import { figuresOf, worstOf } from './evaluation-figures.js';

export type SubmissionScored = Extract<EvaluationEvent, { type: 'evaluation.scored' }>;

/** Kaggle's images. */
const kaggleSize: GridSize = { height: 420, width: 580 };
/** Ids named in one line. */
const idsNamed = 10;

export interface ScoredFile {
  /** As the person knows it. */
  readonly path: string;
  readonly text: string;
}

export interface ScoreSubmissionOptions {
  readonly truth: ScoredFile;
  readonly submission: ScoredFile;
  /** Of every image; null: each test image's own under raw/, or else Kaggle's. */
  readonly imageSize: GridSize | null;
  readonly raw: string;
  readonly emit: (event: PipelineEvent) => void;
}

/**
 * Scores the rows of a submission against true ones. Every true row counts: one without an answer,
 * or with one that is no mask, counts as an empty mask, and is told. Null when no true row can be
 * read.
 */
export async function scoreSubmission(
  options: ScoreSubmissionOptions,
): Promise<SubmissionScored | null> {
  const { truth, submission, imageSize, raw, emit } = options;
  const wanted = readSubmissionRows(truth.text);
  const found = readSubmissionRows(submission.text);
  let malformed = 0;
  const tell = (path: string, line: number, code: string, message: string) => {
    malformed++;
    emit({ type: 'item.failed', path: `${path}:${line}`, stage: 'submission', code, message });
  };
  for (const { line, code, message } of wanted.failures) tell(truth.path, line, code, message);
  for (const { line, code, message } of found.failures) tell(submission.path, line, code, message);

  const sizeOf = imageSize === null ? await testImageSizes(raw) : async () => imageSize;
  const scores: { id: string; model: MaskScore; allEmpty: MaskScore }[] = [];
  const missing: string[] = [];
  for (const { id, rle, line } of wanted.rows.values()) {
    const size = await sizeOf(id);
    const mask = decodeRle(rle, size);
    if (!mask.ok) {
      tell(truth.path, line, mask.failure.code, mask.failure.message);
      continue;
    }
    const row = found.rows.get(id);
    if (row === undefined) missing.push(id);
    const answer = answerOf(row, size);
    if (!answer.ok) tell(submission.path, row!.line, answer.failure.code, answer.failure.message);
    const empty = new Uint8Array(size.height * size.width);
    scores.push({
      id,
      model: scoreMask(mask.value, answer.ok ? answer.value : empty, size),
      allEmpty: scoreMask(mask.value, empty, size),
    });
    await othersTurn();
  }
  const extra = [...found.rows.keys()].filter((id) => !wanted.rows.has(id));
  if (missing.length > 0) {
    const message = `${submission.path} has no row for ${named(missing)}; each counts as an empty mask.`;
    emit({ type: 'notice', level: 'warning', code: 'ROWS_MISSING', message });
  }
  if (extra.length > 0) {
    const message = `${submission.path} has rows that ${truth.path} has not: ${named(extra)}; they count nowhere.`;
    emit({ type: 'notice', level: 'warning', code: 'ROWS_EXTRA', message });
  }
  if (scores.length === 0) {
    const message = `${truth.path} has no row to score against; it takes lines of the form id,run lengths.`;
    emit({ type: 'notice', level: 'error', code: 'NO_TRUTH', message });
    return null;
  }
  const idOf = ({ id }: { readonly id: string }) => id;
  return {
    type: 'evaluation.scored',
    truth: truth.path,
    submission: submission.path,
    missing: missing.length,
    extra: extra.length,
    malformed,
    model: figuresOf(scores, idOf, ({ model }) => model),
    allEmpty: figuresOf(scores, idOf, ({ allEmpty }) => allEmpty),
    worst: worstOf(scores.map(({ id, model }) => ({ id, dice: model.dice }))),
  };
}

function answerOf(row: SubmissionRow | undefined, size: GridSize): Result<Uint8Array> {
  return decodeRle(row?.rle ?? '', size);
}

function named(ids: readonly string[]): string {
  const more = ids.length - idsNamed;
  return `${ids.slice(0, idsNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Rows and columns of a test image by its id; Kaggle's where there is no such image. */
async function testImageSizes(raw: string): Promise<(id: string) => Promise<GridSize>> {
  const files = new Map<string, string>();
  for (const file of (await readdir(join(raw, 'test')).catch(() => [])).sort()) {
    const name = parseImageName(`test/${file}`);
    if (name.kind !== 'test-image') continue;
    const other = files.get(name.id);
    if (other === undefined || compareDuplicatePaths(file, other) < 0) files.set(name.id, file);
  }
  return async (id) => {
    const file = files.get(id);
    if (file === undefined) return kaggleSize;
    return await sharp(join(raw, 'test', file))
      .metadata()
      .then(({ height, width }) => ({ height, width }))
      .catch(() => kaggleSize);
  };
}
