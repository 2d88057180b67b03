import type { EventOf, PipelineEvent, PostProcessingSettings, TrainReason } from '../../events.js';
import {
  baseName,
  formatCount,
  formatDuration,
  formatMetric,
  formatRate,
  plural,
  printable,
} from '../format.js';

/** A sentence and how much it matters; the plain log and the dashboard's log tell the same ones. */
export interface Sentence {
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
  /** The same where there is little room, beside panels that show the rest. */
  readonly brief?: string;
}

/** What a sentence needs that its own event does not carry. */
export interface Background {
  /** Whether the running training has validation subjects: `best` is then of validation. */
  readonly validates: boolean;
  /** Whether the compute process died and has not been back since. */
  readonly restarting: boolean;
}

export const noBackground: Background = { validates: true, restarting: false };

/** What later sentences need to know of this event. */
export function backgroundAfter(background: Background, event: PipelineEvent): Background {
  switch (event.type) {
    case 'train.started':
      return { ...background, validates: event.validationPairs > 0 };
    case 'train.epoch':
      return { ...background, validates: event.validationDice !== null };
    case 'compute':
      return {
        ...background,
        restarting:
          event.state !== 'ready' && (background.restarting || event.state !== 'starting'),
      };
    default:
      return background;
  }
}

/**
 * One event in words, or null for those that are told in bulk (items, see burst.ts) or only
 * sampled (stages, steps).
 */
export function sentenceOf(event: PipelineEvent, background: Background): Sentence | null {
  switch (event.type) {
    case 'ready':
      return info(readySentence(event), readySentence({ ...event, skipped: [] }));
    case 'notice':
      return { level: event.level, text: printable(event.message) };
    case 'paused':
      return info(event.paused ? 'intake paused: new files wait' : 'intake goes on');
    case 'compute':
      return computeSentence(event, background);
    case 'train.started':
      return info(
        `training on ${plural(event.pairs, 'pair')} of ${plural(event.subjects, 'subject')}, ` +
          `${formatCount(event.validationPairs)} for validation, recipe ${printable(event.recipe)}, ` +
          `${plural(event.epochs, 'epoch')}${startInWords(event)} (${reasonInWords(event.reason)})`,
        `training on ${plural(event.pairs, 'pair')} (${reasonInWords(event.reason)})`,
      );
    case 'audit.done':
      return info(
        `looked through ${plural(event.pairs, 'pair')}: ${formatCount(event.contradictions.length)} contradict near-identical images, ` +
          `${plural(event.duplicates.length, 'image')} stand twice where that leaks`,
      );
    case 'train.cleaned':
      return info(
        `left out ${plural(event.leftOut, 'training pair')} of ${formatCount(event.pairs)} whose ` +
          'masks contradict near-identical images; nerveflow audit lists them',
        `left out ${plural(event.leftOut, 'contradictory pair')}`,
      );
    case 'train.epoch':
      return info(epochSentence(event), briefEpoch(event));
    case 'train.done':
      return info(
        `trained in ${formatDuration(event.ms)}: best ${whichBest(background)} ` +
          `${formatMetric(event.best)} at epoch ${event.bestEpoch}, model ${printable(event.modelId)}`,
        `trained: best ${whichBest(background)} ${formatMetric(event.best)}`,
      );
    case 'train.interrupted':
      return event.resumable
        ? info(`training stopped at epoch ${event.epoch}, step ${event.step}: saved, it resumes`)
        : warning(
            `training stopped at epoch ${event.epoch}, step ${event.step}: nothing to resume`,
          );
    case 'train.failed':
      return error(`training failed: ${printable(event.message)} (${printable(event.code)})`);
    case 'model.tuned':
      return tunedSentence(event);
    case 'model.promoted':
      return promotedSentence(event);
    case 'model.kept':
      return info(
        `the old model stays: the new one reaches image Dice ${formatMetric(event.rejectedImageDice)}, ` +
          `the old one ${formatMetric(event.imageDice)} (${comparedOn(event)})`,
        `the old model stays: ${formatMetric(event.imageDice)} against ${formatMetric(event.rejectedImageDice)}`,
      );
    case 'submission.written':
      return info(submissionSentence(event));
    case 'caught-up':
      return info(
        event.pending > 0
          ? `caught up; ${plural(event.pending, 'test image')} without a current prediction`
          : event.watching
            ? 'caught up, watching'
            : 'caught up',
      );
    case 'evaluation.started':
      return info(evaluationSentence(event));
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
    case 'stopped':
      return event.reason === 'failed'
        ? error('stopped after a failure')
        : info(event.reason === 'done' ? 'done' : 'stopped');
    case 'stages':
    case 'train.step':
    // Panels show it; a promotion and a file that is written are told as such.
    case 'model.serving':
    case 'submission.unchanged':
    case 'preview':
    case 'system':
    case 'item.ingested':
    case 'item.waiting':
    case 'item.failed':
    case 'item.removed':
    case 'item.predicted':
      return null;
  }
}

/** Where nothing was gained there is no news. */
function tunedSentence(event: EventOf<'model.tuned'>): Sentence | null {
  const { images, untunedImageDice, imageDice } = event;
  if (imageDice === untunedImageDice) return null;
  return info(
    `post-processing tuned on ${plural(images, 'validation image')}: image Dice ` +
      `${formatMetric(untunedImageDice)} to ${formatMetric(imageDice)} (${settingsInWords(event.postProcessing)})`,
  );
}

function settingsInWords(settings: PostProcessingSettings): string {
  const { threshold, presenceThreshold, leastArea, fillHoles, largestComponents, priorWeight } =
    settings;
  return [
    `threshold ${threshold}`,
    ...(priorWeight === 0 ? [] : [`mask prior ${priorWeight * 100} %`]),
    ...(presenceThreshold === null ? [] : [`empty below evidence ${presenceThreshold}`]),
    ...(fillHoles ? ['holes filled'] : []),
    ...(largestComponents === null ? [] : [`largest ${plural(largestComponents, 'component')}`]),
    ...(leastArea === 0 ? [] : [`components from ${leastArea * 100} % of the image`]),
  ].join(', ');
}

function evaluationSentence(event: EventOf<'evaluation.started'>): string {
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

function promotedSentence(event: EventOf<'model.promoted'>): Sentence | null {
  switch (event.reason) {
    case 'first':
      return null;
    case 'as-good': {
      const [now, before] = [formatMetric(event.imageDice), formatMetric(event.previousImageDice)];
      return info(
        `the new model predicts from now on: image Dice ${now}, the old one ${before} (${comparedOn(event)})`,
        `the new model predicts: ${now} against ${before}`,
      );
    }
    case 'nothing-in-common':
      return info(
        'the new model predicts from now on: no subject was held out from both, so it cannot be compared with the old one',
        'the new model predicts; nothing to compare on',
      );
    case 'size-changed':
      return info('the new model predicts from now on: the old one is for images of another size');
    case 'requested':
      return info('the models of all folds vote from now on, as you asked');
    case 'previous-unreadable':
      return warning('the new model predicts from now on: the old one cannot be read any more');
  }
}

function comparedOn({
  subjects,
  pairs,
}: Pick<PipelineEvent & { type: 'model.kept' }, 'subjects' | 'pairs'>): string {
  return `on ${plural(pairs, 'pair')} of ${plural(subjects.length, 'subject')} held out from both`;
}

export function submissionSentence(event: EventOf<'submission.written'>): string {
  return (
    `wrote ${printable(baseName(event.path))}: ${plural(event.rows, 'row')}, ` +
    `${formatCount(event.nonEmpty)} with a nerve`
  );
}

export function failureSentence(event: EventOf<'item.failed'>): string {
  return (
    `failed at ${event.stage}: ${printable(event.path)}: ${printable(event.message)} ` +
    `(${printable(event.code)})`
  );
}

/** Why the rungs above the chosen backend were not taken, in one phrase. */
export function skippedInWords(event: EventOf<'ready'>): string {
  return event.skipped
    .map(({ backend, reason }) => `${backend} skipped: ${printable(reason)}`)
    .join('; ');
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

function startInWords({ startedFrom }: EventOf<'train.started'>): string {
  return startedFrom === undefined ? '' : ' on from the model that is there';
}

/** The figure that `best` is. Both are the tutorial's soft Dice over batches. */
export function whichBest(background: Background): string {
  return background.validates ? 'validation batch Dice' : 'train batch Dice (nothing validates)';
}

function readySentence(event: EventOf<'ready'>): string {
  if (event.backend === null) return `ready: reading ${printable(event.raw)}`;
  const threads = /\bthreads?\b/.test(event.device) ? '' : ` (${plural(event.threads, 'thread')})`;
  const skipped = event.skipped.length === 0 ? '' : `; ${skippedInWords(event)}`;
  return `ready: ${event.backend} on ${printable(event.device)}${threads}${skipped}`;
}

function computeSentence(event: EventOf<'compute'>, background: Background): Sentence | null {
  const message = printable(event.message);
  switch (event.state) {
    case 'failed':
      return error(`the compute process failed: ${message}`);
    case 'restarting':
      return warning(`the compute process restarts: ${message}`);
    // The first start is told by the event `ready`.
    case 'starting':
      return null;
    case 'ready':
      return background.restarting ? info('the compute process is back') : null;
  }
}

function epochSentence(event: EventOf<'train.epoch'>): string {
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

const info = (text: string, brief = text): Sentence => ({ level: 'info', text, brief });
const warning = (text: string): Sentence => ({ level: 'warning', text });
const error = (text: string): Sentence => ({ level: 'error', text });
