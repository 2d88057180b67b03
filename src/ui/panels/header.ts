import {
  formatAgo,
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  plural,
  printable,
} from '../format.js';
import { displayWidth } from '../layout/text-width.js';
import { dim, type Line, lineWidth, span, spreadLine, type Tone } from '../layout/toned-line.js';
import type { Activity } from '../state/activity.js';
import { backlogOf } from '../state/stage-state.js';
import { scarceDisk, tensorLeak } from '../state/system-state.js';
import { timeLeft } from '../state/training-time-left.js';
import { gravest } from '../state/troubles.js';
import type { Panel, View } from './panel.js';

/** From this width on, a pace and an age stand side by side. */
const roomy = 100;

/** What it does in one word, on what, since when; below it why nothing faster was taken. */
export const header: Panel = (view, width) => {
  const { state, activity, theme, nowMs } = view;
  const word: Line = [
    span(`${theme.glyphs.activity[activity]} ${activity}`, toneOf(activity)),
    dim(`  ${detailOf(view)}`),
  ];
  const up = `up ${formatDuration(nowMs - state.startedAt)}`;
  const on = backendOf(view);
  // The word and what it works on come first; the device is cut before them.
  const right = firstThatFits(width - lineWidth(word) - 2, [
    ...(on.device === '' ? [] : [`${on.backend} on ${on.device} · ${up}`]),
    `${on.backend} · ${up}`,
    on.backend,
  ]);
  const change = changeOf(view, width);
  const alarm = alarmOf(view);
  const notes = firstThatFits(width - lineWidth(change) - 2, alarm ?? notesOf(view));
  return [
    spreadLine(word, [dim(right)], width),
    spreadLine([span(notes, alarm === null ? 'dim' : 'orange-strong')], change, width),
  ];
};

function toneOf(activity: Activity): Tone {
  return activity === 'degraded' || activity === 'paused' || activity === 'stopping'
    ? 'orange-strong'
    : 'blue-strong';
}

/** A few words more: how far, or what is wrong. */
function detailOf({ state, activity, nowMs }: View): string {
  const { training } = state;
  switch (activity) {
    case 'starting':
      return 'looking for the fastest backend';
    case 'training': {
      const left = timeLeft(training, nowMs).training;
      const rest = left === null ? '' : `, ${formatDuration(left)} left`;
      return training.epoch === 0
        ? 'first step'
        : `epoch ${training.epoch} of ${training.epochs}${rest}`;
    }
    case 'ingesting':
    case 'predicting': {
      const stage = activity === 'ingesting' ? state.stages.ingest : state.stages.predict;
      const backlog = backlogOf(stage, nowMs);
      if (backlog === null) return '';
      const left = backlog.msLeft === null ? '' : `, ${formatDuration(backlog.msLeft)} left`;
      return `${plural(backlog.left, 'image')} to go${left}`;
    }
    case 'paused':
      return training.status === 'running'
        ? 'new files wait; training goes on'
        : 'new files wait; space goes on';
    case 'evaluating': {
      const { evaluation } = state;
      if (evaluation === null) return '';
      const { share, msLeft, seed, fold } = evaluation;
      const left = msLeft === null ? '' : `, ${formatDuration(msLeft)} left at most`;
      return `${Math.floor(share * 100)}%${left} (seed ${seed}, fold ${fold})`;
    }
    case 'degraded':
      return printable(gravest(state.troubles)?.what ?? '');
    case 'stopping':
      return 'finishes the step in hand and saves';
    case 'watching':
      if (state.pending === null) return 'looking what there is to do';
      return state.pending > 0
        ? `all caught up, but for ${plural(state.pending, 'image')} without a prediction`
        : 'all caught up';
    case 'stopped':
      return '';
  }
}

function backendOf({ state }: View): { backend: string; device: string } {
  const { ready, compute } = state;
  const backend = compute?.backend ?? ready?.backend;
  if (ready === null && !backend) return { backend: 'no backend yet', device: '' };
  if (!backend) return { backend: 'no compute', device: '' };
  const device = printable(ready?.device ?? '');
  const threads =
    ready === null || device === '' || /\bthreads?\b/.test(device)
      ? ''
      : `, ${plural(ready.threads, 'thread')}`;
  return { backend, device: device + threads };
}

/** What wants to be seen even where its panel has no room. */
function alarmOf({ state }: View): string[] | null {
  const trouble = gravest(state.troubles);
  if (trouble !== null) return [trouble.remedy];
  const leak = tensorLeak(state.system);
  const free = state.system.latest?.diskFree ?? null;
  if (free !== null && free < scarceDisk) {
    return [`only ${formatBytes(free)} left on the disk of the store`, 'disk nearly full'];
  }
  if (leak === null) return null;
  return [
    `tensors only ever become more (${formatCount(leak)} in minutes): memory may leak`,
    'tensors leak?',
  ];
}

/** Why the candidates before it were not taken: short, and calm, for it is not a fault. */
function notesOf({ state, attached }: View): string[] {
  const { ready } = state;
  if (attached) {
    const how = attached.control ? 'keys ask it' : 'only looking on';
    return [`attached to ${printable(attached.to)}, ${how}`, `attached, ${how}`];
  }
  if (ready === null) return [''];
  const { skipped } = ready;
  if (skipped.length === 0) {
    return [`reads ${printable(ready.raw)}, keeps ${printable(ready.store)}`];
  }
  const reasons = skipped.map(({ backend, reason }) => `${backend} (${printable(reason)})`);
  const whole = `not used: ${reasons.join(', ')}`;
  const brief = `not used: ${skipped.map(({ backend }) => backend).join(', ')}`;
  return [whole, `${brief} (nerveflow doctor tells why)`, brief, whole];
}

/** The longest wording there is room for; the last one when there is for none. */
function firstThatFits(width: number, wordings: readonly string[]): string {
  return wordings.find((wording) => displayWidth(wording) <= width) ?? wordings.at(-1) ?? '';
}

function changeOf({ state, nowMs, activity }: View, width: number): Line {
  const { imagesPerSecond } = state.training;
  const change =
    state.changedAt === null ? '' : `last change ${formatAgo(nowMs - state.changedAt)}`;
  if (activity !== 'training' || imagesPerSecond === null)
    return change === '' ? [] : [dim(change)];
  const rate = `${formatRate(imagesPerSecond)} images/s`;
  return [dim(width >= roomy && change !== '' ? `${rate} · ${change}` : rate)];
}
