import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { meanImageDice } from '../operators/mean-image-dice.js';
import type { Settings } from '../settings/options.js';
import { UsageError } from '../settings/read-settings.js';
import { parseSubmission } from '../store/submission-csv.js';
import { testTruthFile, writeSyntheticDataSet } from '../synthetic/data-set.js';
import { chooseLogger } from '../ui/choose-logger.js';
import { previewWithTruth } from './demo-truth.js';
import type { ExitCode } from './exit-code.js';
import { type Flow, runFlow } from './run-flow.js';
import { runPipeline } from './watch.js';

/** Small enough that a weak machine trains it while one watches, large enough to be worth it. */
const dataSet = {
  subjects: 8,
  perSubject: 18,
  test: 24,
  emptyShare: 0.25,
  size: { height: 420, width: 580 },
  seed: 1,
};

export async function demo(settings: Settings): Promise<ExitCode> {
  await writeOnce(settings.raw);
  const { stdout, stdin, env } = process;
  const view = chooseLogger({ ...settings, isTTY: stdout.isTTY && stdin.isTTY, env });
  // Where nobody looks at a dashboard, nobody would stop it either.
  const mode = settings.once || view !== 'dashboard' ? 'once' : 'watch';
  let summary = '';
  const code = await runFlow(
    settings,
    {
      command: 'demo',
      needsCompute: true,
      needsRaw: true,
      servesMetrics: true,
      servesPage: true,
    },
    async (flow) => {
      const { catalog } = flow.store;
      const truth = truthOf(settings.raw);
      const emit: typeof flow.emit = (event) => {
        if (event.type === 'preview' && event.split === 'test') {
          const { id } = event;
          const predicted = catalog.predictions.get(id);
          void previewWithTruth(event, truth.get(id), predicted).then(flow.emit);
          return;
        }
        flow.emit(event);
        if (event.type !== 'caught-up') return;
        const said = summary;
        summary = scoreLine(truth, flow.store) ?? summary;
        if (summary !== said) {
          flow.emit({ type: 'notice', level: 'info', code: 'DEMO_SCORE', message: summary });
        }
      };
      return (await runPipeline({ ...flow, emit }, mode)).reason;
    },
  );
  // The dashboard is gone by now, and what it showed with it.
  if (mode === 'watch' && summary !== '') stdout.write(`${summary}\n`);
  return code;
}

/** Draws the data set where it is not there yet, or only in part. */
async function writeOnce(raw: string): Promise<void> {
  if (existsSync(join(raw, testTruthFile))) return;
  const marker = join(raw, 'drawn-by-nerveflow-demo');
  const isOurs = existsSync(marker);
  for (const folder of ['train', 'test']) {
    const names = await readdir(join(raw, folder)).catch(() => []);
    if (names.length > 0 && !isOurs) {
      throw new UsageError(
        `--raw: ${JSON.stringify(raw)} already holds images; demo takes a folder of its own`,
      );
    }
  }
  const { subjects, perSubject, test } = dataSet;
  process.stderr.write(
    `Drawing ${subjects * perSubject} synthetic ultrasound pairs and ${test} test images into ${raw} ...\n`,
  );
  await mkdir(raw, { recursive: true });
  await writeFile(marker, 'Everything here is synthetic; delete the folder whenever you like.\n');
  await writeSyntheticDataSet(raw, dataSet);
}

/** RLE of the masks that were drawn with the test images, by id. */
function truthOf(raw: string): ReadonlyMap<string, string> {
  const path = join(raw, testTruthFile);
  return existsSync(path) ? parseSubmission(readFileSync(path, 'utf8')) : new Map();
}

function scoreLine(
  truth: ReadonlyMap<string, string>,
  { catalog, paths }: Flow['store'],
): string | null {
  if (truth.size === 0 || !existsSync(paths.submission)) return null;
  const predicted = new Map<string, { rle: string; height: number; width: number }>();
  for (const [id, rle] of parseSubmission(readFileSync(paths.submission, 'utf8'))) {
    const row = catalog.predictions.get(id);
    if (row !== undefined) predicted.set(id, { ...row, rle });
  }
  const dice = meanImageDice(truth, predicted);
  return dice.ok
    ? `Mean image Dice against the generated truth: ${dice.value.toFixed(3)} over ${truth.size} test images.`
    : null;
}
