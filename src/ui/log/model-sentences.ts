import type { EventOf, PostProcessingSettings } from '../../events.js';
import { formatBytes, formatMetric, plural } from '../format.js';
import { info, type Sentence, warning } from './sentence.js';

/** Where nothing was gained there is no news. */
export function tunedSentence(event: EventOf<'model.tuned'>): Sentence | null {
  const { images, untunedImageDice, imageDice } = event;
  if (imageDice === untunedImageDice) return null;
  return info(
    `post-processing tuned on ${plural(images, 'validation image')}: image Dice ` +
      `${formatMetric(untunedImageDice)} to ${formatMetric(imageDice)} (${settingsInWords(event.postProcessing)})`,
  );
}

export function settingsInWords(settings: PostProcessingSettings): string {
  const { threshold, presenceThreshold, leastArea, fillHoles, largestComponents } = settings;
  return [
    `threshold ${threshold}`,
    ...(presenceThreshold === null ? [] : [`empty below evidence ${presenceThreshold}`]),
    ...(fillHoles ? ['holes filled'] : []),
    ...(largestComponents === null ? [] : [`largest ${plural(largestComponents, 'component')}`]),
    ...(leastArea === 0 ? [] : [`components from ${leastArea * 100} % of the image`]),
  ].join(', ');
}

export function promotedSentence(event: EventOf<'model.promoted'>): Sentence | null {
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
      return otherSizeSentence(event);
    case 'requested':
      return info('the models of all folds vote from now on, as you asked');
    case 'previous-unreadable':
      return warning('the new model predicts from now on: the old one cannot be read any more');
  }
}

function otherSizeSentence(event: EventOf<'model.promoted'>): Sentence {
  const { imageDice, previousImageDice, previous } = event;
  const what = 'the new model predicts from now on: the old one is for images of another size';
  if (imageDice === null || previousImageDice === null) return info(what);
  const [now, before] = [formatMetric(imageDice), formatMetric(previousImageDice)];
  const figures = `${what}; on the images' own grid the new one reaches image Dice ${now}, the old one ${before} (${comparedOn(event)})`;
  const brief = `the new model predicts: ${now} against ${before} at another size`;
  return imageDice >= previousImageDice
    ? info(figures, brief)
    : warning(
        `${figures}: the old one was better. Stop, nerveflow models use ${previous}, and start with its --size to have it back`,
        brief,
      );
}

export function keptSentence(event: EventOf<'model.kept'>): Sentence {
  return info(
    `the old model stays: the new one reaches image Dice ${formatMetric(event.rejectedImageDice)}, ` +
      `the old one ${formatMetric(event.imageDice)} (${comparedOn(event)})`,
    `the old model stays: ${formatMetric(event.imageDice)} against ${formatMetric(event.rejectedImageDice)}`,
  );
}

export function changedSentence(
  event: EventOf<'model.used' | 'model.marked' | 'model.removed'>,
): Sentence {
  const { modelId } = event;
  switch (event.type) {
    case 'model.used':
      return event.previous === modelId
        ? info(`${modelId} is the current model, as it was`)
        : info(
            `${modelId} is the current model from now on, as you asked; what the training under way or the next one makes is compared with it, and may replace it`,
            `${modelId} is the current model from now on`,
          );
    case 'model.marked':
      return info(
        event.isKept
          ? `${modelId} is kept, whatever other models go`
          : `${modelId} is not kept any more: it goes when others do`,
      );
    case 'model.removed':
      return info(`${modelId} is removed: ${formatBytes(event.bytes)}`);
  }
}

function comparedOn({
  subjects,
  pairs,
}: Pick<EventOf<'model.kept'>, 'subjects' | 'pairs'>): string {
  return `on ${plural(pairs, 'pair')} of ${plural(subjects.length, 'subject')} held out from both`;
}
