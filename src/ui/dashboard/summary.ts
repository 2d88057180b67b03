import { formatCount, formatDuration, formatMetric, plural, printable } from '../format.js';
import { whichBest } from '../log/sentence-context.js';
import type { DashboardState } from '../state/dashboard-state.js';

/** What stays on the screen when the dashboard is gone: what came of it, in a few lines. */
export function summaryOf(state: DashboardState, nowMs: number): string[] {
  const lines = [`nerveflow ran for ${formatDuration(nowMs - state.startedAt)}`];
  const { intake, training, predictions, submission, failures } = state;
  const taken = intake.train + intake.test;
  if (taken > 0 || failures.total > 0) {
    const cached =
      intake.cached > 0 ? `, ${formatCount(intake.cached)} of them from the cache` : '';
    const failed = failures.total > 0 ? `, ${formatCount(failures.total)} failed` : '';
    lines.push(`  took in    ${plural(taken, 'image')}${cached}${failed}`);
  }
  if (training.status !== 'none' && training.best !== null) {
    const at = training.bestEpoch === null ? '' : ` at epoch ${training.bestEpoch}`;
    lines.push(
      `  trained    best ${whichBest(state.sentenceContext)} ${formatMetric(training.best)}${at}` +
        (training.status === 'interrupted' ? `; ${training.message}` : ''),
    );
  } else if (training.status === 'interrupted') {
    lines.push(`  trained    stopped at epoch ${training.epoch}: ${training.message}`);
  }
  if (training.status === 'failed') lines.push(`  failed     ${printable(training.message)}`);
  if (predictions.done > 0) lines.push(`  predicted  ${plural(predictions.done, 'image')}`);
  if (submission?.isOurs) {
    lines.push(
      `  wrote      ${printable(submission.path)}: ${plural(submission.rows, 'row')}, ` +
        `${formatCount(submission.nonEmpty)} with a nerve`,
    );
  }
  return lines;
}
