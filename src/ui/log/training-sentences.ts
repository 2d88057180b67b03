import type { EventOf, TrainReason } from '../../events.js';
import {
  formatCount,
  formatDuration,
  formatMetric,
  formatRate,
  plural,
  printable,
} from '../format.js';
import { error, info, type Sentence, warning } from './sentence.js';
import { type SentenceContext, whichBest } from './sentence-context.js';

export function startedSentence(event: EventOf<'train.started'>): Sentence {
  const start = event.startedFrom === undefined ? '' : ' on from the model that is there';
  return info(
    `training on ${plural(event.pairs, 'pair')} of ${plural(event.subjects, 'subject')}, ` +
      `${formatCount(event.validationPairs)} for validation, recipe ${printable(event.recipe)}, ` +
      `${plural(event.epochs, 'epoch')}${start} (${reasonInWords(event.reason)})`,
    `training on ${plural(event.pairs, 'pair')} (${reasonInWords(event.reason)})`,
  );
}

export function reasonInWords(reason: TrainReason): string {
  switch (reason) {
    case 'no-model':
      return 'first model';
    case 'data-changed':
      return 'the data changed';
    case 'settings-changed':
      return 'the settings changed';
    case 'requested':
      return 'you asked';
    case 'resumed':
      return 'resumed';
  }
}

export function cleanedSentence(event: EventOf<'train.cleaned'>): Sentence {
  return info(
    `left out ${plural(event.leftOut, 'training pair')} of ${formatCount(event.pairs)} whose ` +
      'masks contradict near-identical images; nerveflow audit lists them',
    `left out ${plural(event.leftOut, 'contradictory pair')}`,
  );
}

export function epochSentence(event: EventOf<'train.epoch'>): Sentence {
  return info(wholeEpoch(event), briefEpoch(event));
}

function wholeEpoch(event: EventOf<'train.epoch'>): string {
  const validation =
    event.validationDice === null ? '' : `, validation ${formatMetric(event.validationDice)}`;
  const image =
    event.validationImageDice === null
      ? ''
      : `; image Dice: validation ${formatMetric(event.validationImageDice)}`;
  return (
    `epoch ${event.epoch}/${event.epochs} loss ${formatMetric(event.loss)}; ` +
    `batch Dice: train ${formatMetric(event.trainDice)}${validation}${event.isBest ? ' (best)' : ''}` +
    `${image}; ${formatRate(event.imagesPerSecond)} images/s`
  );
}

function briefEpoch(event: EventOf<'train.epoch'>): string {
  const dice =
    event.validationDice === null
      ? `train batch Dice ${formatMetric(event.trainDice)}`
      : `val. batch Dice ${formatMetric(event.validationDice)}`;
  return `epoch ${event.epoch}/${event.epochs} ${dice}${event.isBest ? ' best' : ''}`;
}

export function trainedSentence(event: EventOf<'train.done'>, context: SentenceContext): Sentence {
  return info(
    `trained in ${formatDuration(event.ms)}: best ${whichBest(context)} ` +
      `${formatMetric(event.best)} at epoch ${event.bestEpoch}, model ${printable(event.modelId)}`,
    `trained: best ${whichBest(context)} ${formatMetric(event.best)}`,
  );
}

export function interruptedSentence(event: EventOf<'train.interrupted'>): Sentence {
  return event.resumable
    ? info(`training stopped at epoch ${event.epoch}, step ${event.step}: saved, it resumes`)
    : warning(`training stopped at epoch ${event.epoch}, step ${event.step}: nothing to resume`);
}

export function trainFailedSentence(event: EventOf<'train.failed'>): Sentence {
  return error(`training failed: ${printable(event.message)} (${printable(event.code)})`);
}
