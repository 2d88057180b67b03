import type { PipelineEvent } from '../../events.js';
import { printable } from '../format.js';
import { auditSentence, evaluationSentence } from './evaluation-sentences.js';
import { exportSentence } from './export-sentence.js';
import {
  changedSentence,
  keptSentence,
  promotedSentence,
  tunedSentence,
} from './model-sentences.js';
import {
  caughtUpSentence,
  computeSentence,
  measurementsSentence,
  readySentence,
  stoppedSentence,
  submissionSentence,
} from './program-sentences.js';
import { info, type Sentence } from './sentence.js';
import type { SentenceContext } from './sentence-context.js';
import {
  cleanedSentence,
  epochSentence,
  interruptedSentence,
  startedSentence,
  trainedSentence,
  trainFailedSentence,
} from './training-sentences.js';

/**
 * One event in words, or null for those that are told in bulk (items, see item-bursts.ts) or only
 * sampled (stages, steps).
 */
export function sentenceOf(event: PipelineEvent, context: SentenceContext): Sentence | null {
  switch (event.type) {
    case 'ready':
      return info(readySentence(event), readySentence({ ...event, skipped: [] }));
    case 'notice':
      return { level: event.level, text: printable(event.message) };
    case 'web.listening':
      return info(`the web page is at ${printable(event.url)}`);
    case 'paused':
      return info(event.paused ? 'intake paused: new files wait' : 'intake goes on');
    case 'compute':
      return computeSentence(event, context);
    case 'train.started':
      return startedSentence(event);
    case 'train.cleaned':
      return cleanedSentence(event);
    case 'train.epoch':
      return epochSentence(event);
    case 'train.done':
      return trainedSentence(event, context);
    case 'train.interrupted':
      return interruptedSentence(event);
    case 'train.failed':
      return trainFailedSentence(event);
    case 'model.tuned':
      return tunedSentence(event);
    case 'model.promoted':
      return promotedSentence(event);
    case 'model.kept':
      return keptSentence(event);
    case 'model.used':
    case 'model.marked':
    case 'model.removed':
      return changedSentence(event);
    case 'submission.written':
      return info(submissionSentence(event));
    case 'measurements.written':
      return info(measurementsSentence(event));
    case 'export.written':
    case 'export.failed':
      return exportSentence(event);
    case 'audit.done':
      return auditSentence(event);
    case 'evaluation.started':
    case 'evaluation.progress':
    case 'evaluation.fold':
    case 'evaluation.done':
    case 'evaluation.scored':
      return evaluationSentence(event);
    case 'caught-up':
      return caughtUpSentence(event);
    case 'stopped':
      return stoppedSentence(event);
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
