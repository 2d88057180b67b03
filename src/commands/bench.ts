import { ComputeProcess } from '../compute/parent/compute-process.js';
import { benchPredict, benchTrain, type ComputeFigures } from '../measure/bench-compute.js';
import { benchIngest, type IngestFigures } from '../measure/bench-ingest.js';
import type { Spread } from '../measure/spread.js';
import type { Settings } from '../settings/options.js';
import { type ExitCode, exitCode } from './exit-code.js';

/** The tutorial's. */
const usualBatchSize = 32;

export async function bench(settings: Settings, [what = '']: readonly string[]): Promise<ExitCode> {
  const figures =
    what === 'ingest' ? await benchIngest(settings) : await benchCompute(settings, what);
  const text = settings.json ? JSON.stringify(figures) : tableOf(figures);
  process.stdout.write(`${text}\n`);
  return exitCode.done;
}

async function benchCompute(asked: Settings, what: string): Promise<ComputeFigures> {
  const settings = { ...asked, batchSize: asked.batchSize ?? usualBatchSize };
  const compute = new ComputeProcess(settings);
  try {
    await compute.start();
    return what === 'train'
      ? await benchTrain(compute, settings)
      : await benchPredict(compute, settings);
  } finally {
    await compute.close();
  }
}

function tableOf(figures: ComputeFigures | IngestFigures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name.padEnd(24)}${cell(value)}`)
    .join('\n');
}

function cell(value: string | number | Spread | null): string {
  if (value === null) return '-';
  if (typeof value !== 'object') return String(value);
  const [median, min, max] = [value.median, value.min, value.max].map((x) =>
    x.toFixed(x < 10 ? 2 : 1),
  );
  return `${median} (${min} to ${max})`;
}
