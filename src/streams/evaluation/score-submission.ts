import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { EvaluationEvent, PipelineEvent } from '../../events.js';
import { openFrames } from '../../formats/open-frames.js';
import { filesBelow } from '../../layout/explain.js';
import type { Layout } from '../../layout/file-role.js';
import { sharp } from '../../operators/configured-sharp.js';
import { mostImagePixels } from '../../operators/decode.js';
import type { GridSize } from '../../operators/image.js';
import { compareDuplicatePaths } from '../../operators/image-name.js';
import { type MaskScore, scoreMask } from '../../operators/mask-metrics.js';
import { matchIds, plainId, withoutSubject } from '../../operators/match-ids.js';
import { readSubmissionRows } from '../../operators/read-submission-rows.js';
import type { Failure } from '../../operators/result.js';
import { decodeRle } from '../../operators/rle.js';
import { figuresOf, worstOf } from './evaluation-figures.js';

export type SubmissionScored = Extract<EvaluationEvent, { type: 'evaluation.scored' }>;

/** Kaggle's images. */
const kaggleSize: GridSize = { height: 420, width: 580 };
type FileStage = 'truth' | 'submission';
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
  /** Of every image; null: each image's own under raw/, or else Kaggle's. */
  readonly imageSize: GridSize | null;
  readonly raw: string;
  readonly layout: Layout;
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
  const { truth, submission, imageSize, raw, layout, emit } = options;
  const wanted = readSubmissionRows(truth.text);
  const found = readSubmissionRows(submission.text);
  let malformed = 0;
  const tell = (stage: FileStage, line: number | null, { code, message }: Failure) => {
    malformed++;
    const { path } = options[stage];
    const place = line === null ? path : `${path}:${line}`;
    emit({ type: 'item.failed', path: place, stage, code, message });
  };
  for (const failure of wanted.failures) tell('truth', failure.line, failure);
  for (const failure of found.failures) tell('submission', failure.line, failure);
  const { answers, taken } = matchIds(
    [...wanted.rows.keys()],
    [...found.rows.keys()],
    [
      { ofWanted: plainId, ofFound: plainId },
      {
        ofWanted: wanted.hasSubjects ? withoutSubject : plainId,
        ofFound: found.hasSubjects ? withoutSubject : plainId,
      },
    ],
  );
  tellHowTaken(truth.path, wanted.taken, emit);
  const examples = named(taken.map((ids) => `${ids.found} as ${ids.wanted}`));
  tellHowTaken(
    submission.path,
    [...found.taken, ...(taken.length > 0 ? [`ids are taken as the truth's: ${examples}`] : [])],
    emit,
  );

  const sizeOf = imageSize === null ? await imageSizes(raw, layout) : async () => imageSize;
  const scores: { id: string; model: MaskScore; allEmpty: MaskScore }[] = [];
  const missing: string[] = [];
  for (const { id, rle, line } of wanted.rows.values()) {
    const size = await sizeOf(id);
    const mask = decodeRle(rle, size);
    if (!mask.ok) {
      tell('truth', line, mask.failure);
      continue;
    }
    const row = found.rows.get(answers.get(id) ?? '');
    if (row === undefined) missing.push(id);
    const answer = decodeRle(row?.rle ?? '', size);
    if (!answer.ok) tell('submission', row!.line, answer.failure);
    const empty = new Uint8Array(size.height * size.width);
    scores.push({
      id,
      model: scoreMask(mask.value, answer.ok ? answer.value : empty, size),
      allEmpty: scoreMask(mask.value, empty, size),
    });
    await othersTurn();
  }
  const answering = new Set(answers.values());
  const extra = [...found.rows.keys()].filter((id) => !answering.has(id));
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

function tellHowTaken(
  path: string,
  taken: readonly string[],
  emit: ScoreSubmissionOptions['emit'],
): void {
  if (taken.length === 0) return;
  const message = `${path} is read so: ${taken.join('; ')}.`;
  emit({ type: 'notice', level: 'info', code: 'CSV_TAKEN', message });
}

function named(ids: readonly string[]): string {
  const more = ids.length - idsNamed;
  return `${ids.slice(0, idsNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Rows and columns of an image by its id; Kaggle's where there is no such image. */
async function imageSizes(raw: string, layout: Layout): Promise<(id: string) => Promise<GridSize>> {
  const files = new Map<string, string>();
  for (const path of await filesBelow(raw)) {
    const role = layout.roleOf(path);
    if (role.kind !== 'image') continue;
    const other = files.get(role.id);
    if (other === undefined || compareDuplicatePaths(path, other) < 0) files.set(role.id, path);
  }
  return async (id) => {
    const file = files.get(id) ?? files.get(plainId(id)) ?? files.get(id.replace(/#\d+$/, ''));
    if (file === undefined) return kaggleSize;
    const path = join(raw, file);
    return await sharp(path)
      .metadata()
      .then(({ height, width }) => ({ height, width }))
      .catch(async () => (await sizeOfFrames(path)) ?? kaggleSize);
  };
}

/** Of what libvips does not read. */
async function sizeOfFrames(path: string): Promise<GridSize | null> {
  const opened = await openFrames(new Uint8Array(await readFile(path)), mostImagePixels);
  const frame = opened.ok ? await opened.value.frame(0) : opened;
  return frame.ok ? { height: frame.value.height, width: frame.value.width } : null;
}
