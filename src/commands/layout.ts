import {
  bestLayout,
  explain,
  type FileCount,
  filesBelow,
  type LayoutReport,
} from '../layout/explain.js';
import type { Settings } from '../settings/options.js';
import { plural } from '../ui/format.js';
import { type ExitCode, exitCode } from './exit-code.js';

const rows: readonly [keyof LayoutReport, string][] = [
  ['pairs', 'images with a mask, to train on'],
  ['predicted', 'images to predict'],
  ['imagesWithoutMask', 'images to train on, without a mask so far'],
  ['masksWithoutImage', 'masks without an image'],
  ['labels', 'files with labels of many images'],
  ['duplicates', 'left out: another file stands for the same'],
  ['ignored', 'ignored'],
];

/** A dry run: what each file under raw/ would be. Looks at names only. */
export async function layout({ raw, layout: asked, json }: Settings): Promise<ExitCode> {
  const paths = await filesBelow(raw);
  const report = explain(asked, paths);
  const best = bestLayout(paths);
  process.stdout.write(
    json ? `${JSON.stringify({ ...report, best })}\n` : textOf(raw, report, best),
  );
  return exitCode.done;
}

function textOf(raw: string, report: LayoutReport, best: LayoutReport): string {
  const lines = [`${raw} by the layout ${report.layout}:`, ''];
  for (const [key, what] of rows) {
    const { count, examples } = report[key] as FileCount;
    if (count > 0) lines.push(`${String(count).padStart(7)}  ${what}: ${someOf(count, examples)}`);
  }
  const endings = Object.entries(report.ignoredEndings).sort(([, a], [, b]) => b - a);
  if (endings.length > 0) {
    lines.push(
      `         ignored by ending: ${endings.map(([end, count]) => `${end} ${count}`).join(', ')}`,
    );
  }
  lines.push(`${String(report.subjects).padStart(7)}  subjects to train on`, '');
  lines.push(adviceOf(report, best), '');
  return lines.join('\n');
}

function someOf(count: number, examples: readonly string[]): string {
  return `${examples.join(', ')}${count > examples.length ? ', ...' : ''}`;
}

function adviceOf(report: LayoutReport, best: LayoutReport): string {
  const total = ({ pairs, predicted }: LayoutReport) =>
    `${plural(pairs.count, 'pair')}, ${predicted.count} to predict`;
  if (best.layout === report.layout || report.layout === 'own') {
    return `Of the built-in layouts, ${best.layout} explains most: ${total(best)}. docs/guides/your-own-data.md tells how to write your own.`;
  }
  return `--layout ${best.layout} explains most: ${total(best)}. docs/guides/your-own-data.md tells how to write your own.`;
}
