import { readFile } from 'node:fs/promises';
import { Subject } from 'rxjs';
import type { PipelineEvent } from '../events.js';
import type { Settings } from '../settings/options.js';
import { UsageError } from '../settings/read-settings.js';
import { storePaths } from '../store/store-paths.js';
import { type ScoredFile, scoreSubmission } from '../streams/evaluation/score-submission.js';
import { logJson } from '../ui/log/json-log.js';
import { logPlain } from '../ui/log/plain-log.js';
import { submissionTable } from '../ui/tables/evaluation-table.js';
import { type ExitCode, exitCode } from './exit-code.js';

/**
 * `evaluate --against`: scores a submission. Touches no store, so it may run beside `watch`. Fails
 * when a true row has no readable answer.
 */
export async function scoreAgainst(settings: Settings, against: string): Promise<ExitCode> {
  const truth = await readNamed('--against', against);
  const submission = await readNamed(
    '--submission',
    settings.submission ?? storePaths(settings.store).submission,
  );
  const { raw, layout, imageSize, json } = settings;
  const events = new Subject<PipelineEvent>();
  const out = { out: process.stdout, onBroken: () => process.exit(exitCode.failed) };
  const log = json ? logJson(events, out) : logPlain(events, out);
  const emit = (event: PipelineEvent) => events.next(event);
  const scored = await scoreSubmission({ truth, submission, imageSize, raw, layout, emit });
  if (scored !== null) emit(scored);
  const isWhole = scored !== null && scored.missing === 0 && scored.malformed === 0;
  emit({ type: 'stopped', reason: isWhole ? 'done' : 'failed' });
  events.complete();
  await log.done;
  if (scored !== null && !json) process.stdout.write(`\n${submissionTable(scored)}`);
  return isWhole ? exitCode.done : exitCode.failed;
}

async function readNamed(option: string, path: string): Promise<ScoredFile> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'is not there' : `cannot be read (${error.message})`;
    throw new UsageError(`${option}: ${JSON.stringify(path)} ${why}; it takes a file`);
  });
  // What spreadsheets call Unicode text begins with this mark.
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return { path, text: new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes) };
}
