import type { AuditEvent, EvaluationEvent, EventOf } from '../../events.js';
import { formatCount, formatDuration, formatMetric, plural, printable } from '../format.js';
import { info, type Sentence } from './sentence.js';

export function evaluationSentence(event: EvaluationEvent): Sentence | null {
  switch (event.type) {
    case 'evaluation.started':
      return info(evaluationStart(event));
    case 'evaluation.progress':
      return event.msLeft === null
        ? null
        : info(
            `evaluated ${Math.floor(event.done * 100)} % (seed ${event.seed}, fold ${event.fold}), ` +
              `at most ${formatDuration(event.msLeft)} left`,
          );
    case 'evaluation.fold':
      return info(
        `fold ${event.fold}, seed ${event.seed}: image Dice ${formatMetric(event.dice)} of ` +
          `${plural(event.pairs, 'pair')}, held-out subjects ${event.subjects.join(', ')}` +
          `${event.isKept ? ' (kept from an earlier run)' : ''}`,
      );
    case 'evaluation.done':
      return info(
        `evaluated: mean image Dice ${formatMetric(event.model.dice)} on the original grid; ` +
          `mean mask ${formatMetric(event.meanMask.dice)}, all empty ${formatMetric(event.allEmpty.dice)}`,
      );
    case 'evaluation.scored':
      return info(
        `scored ${plural(event.model.images, 'image')}: mean image Dice ${formatMetric(event.model.dice)}; ` +
          `all empty ${formatMetric(event.allEmpty.dice)}`,
      );
  }
}

function evaluationStart(event: EventOf<'evaluation.started'>): string {
  const seeds = event.seeds.length === 1 ? 'seed' : 'seeds';
  const empty =
    event.emptyFolds.length === 0
      ? ''
      : `; the hash puts nobody into ${event.emptyFolds.length === 1 ? 'fold' : 'folds'} ${event.emptyFolds.join(', ')}`;
  return (
    `evaluating recipe ${printable(event.recipe)} on ${plural(event.pairs, 'pair')} of ` +
    `${plural(event.subjects, 'subject')} in ${plural(event.folds, 'fold')}, ` +
    `${seeds} ${event.seeds.join(', ')}, ${plural(event.epochs, 'epoch')}${empty}`
  );
}

export function auditSentence(event: AuditEvent): Sentence {
  return info(
    `looked through ${plural(event.pairs, 'pair')}: ${formatCount(event.contradictions.length)} contradict near-identical images, ` +
      `${plural(event.duplicates.length, 'image')} stand twice where that leaks`,
  );
}
