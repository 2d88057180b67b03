import { formatBytes, plural } from '../ui/format.js';
import type { Finding } from './finding.js';
import type { StoreReport } from './store-report.js';

/** A store's report for people. */
export function storeText(report: StoreReport): string[] {
  if (report.state === 'none')
    return [`store ${report.path}`, '  none yet: the first start makes it'];
  const { holder, running, notLookedAt, repaired, findings } = report;
  const lines = [`store ${report.path}: ${report.state.replace('-', ' ')}`];
  if (holder !== null)
    lines.push(`  ${holder} works on it${running ? `; ${runningInWords(running)}` : ''}`);
  if (report.files !== null) {
    const { files, pairs, testImages, pixels, predictions } = report;
    lines.push(
      `  cache: ${plural(files, 'file')}, ${plural(pairs ?? 0, 'pair')}, ${plural(testImages ?? 0, 'test image')}, pixels of ${pixels ?? 0}, ${plural(predictions ?? 0, 'prediction')}`,
    );
  }
  const { model, models, checkpoints, bytes } = report;
  const parts = [
    `cache ${formatBytes(bytes.cache)}`,
    `models ${formatBytes(bytes.models)}`,
    `masks ${formatBytes(bytes.masks)}`,
    ...(bytes.evaluations > 0 ? [`evaluations ${formatBytes(bytes.evaluations)}`] : []),
    `submission.csv ${formatBytes(bytes.submission)}`,
  ];
  const which = model === null ? 'no current model yet' : `${model} is the current model`;
  lines.push(
    `  models: ${plural(models, 'model')} and ${plural(checkpoints, 'checkpoint')}, ${which}`,
    `  size: ${formatBytes(bytes.total)} (${parts.join(', ')})`,
  );
  if (notLookedAt !== null) lines.push(`  not looked at: ${notLookedAt}`);
  for (const finding of repaired) lines.push(`  mended: ${lineOf(finding)}`);
  for (const finding of findings) {
    lines.push(`  ${finding.level === 'wrong' ? 'wrong' : 'left over'}: ${lineOf(finding)}`);
  }
  if (findings.length > 0 && holder === null && repaired.length === 0) {
    lines.push('  doctor --repair mends this');
  }
  return lines;
}

function lineOf({ message, code }: Finding): string {
  return `${message} (${code})`;
}

function runningInWords({
  rows,
  pending,
  failures,
}: NonNullable<Extract<StoreReport, { holder: unknown }>['running']>): string {
  const parts = [
    rows === null
      ? 'it has not written submission.csv since its start'
      : `it last wrote ${plural(rows, 'row')}`,
    ...(pending === null ? [] : [`${pending} pending`]),
    ...(failures === 0 ? [] : [plural(failures, 'failure')]),
  ];
  return parts.join(', ');
}
