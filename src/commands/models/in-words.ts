import type { ModelCard } from '../../model/card.js';
import { formatClock, formatDay, plural, printable } from '../../ui/format.js';
import type { ModelFacts, ModelOrigin } from './model-facts.js';

/** `2026-11-28 16:30`, local. */
export function timeInWords(iso: string): string {
  const time = Date.parse(iso);
  return `${formatDay(time)} ${formatClock(time).slice(0, 5)}`;
}

export function sizeInWords({ height, width }: ModelCard['size']): string {
  return `${height}x${width}`;
}

export function originInWords(origin: ModelOrigin): string {
  switch (origin.type) {
    case 'new':
      return 'trained new';
    case 'continued':
      return `went on from ${printable(origin.from)}`;
    case 'imported':
      return `imported from ${printable(origin.file)}`;
    case 'ensemble':
      return `ensemble of ${origin.models}`;
  }
}

/** Where its Dice comes from. */
export function validationInWords({
  origin,
  validationPairs,
  validationSubjects,
}: Pick<ModelFacts, 'origin' | 'validationPairs' | 'validationSubjects'>): string {
  if (origin?.type === 'ensemble') return 'mean of its models, each on its own';
  if (!validationPairs || validationSubjects === null) {
    return origin?.type === 'imported' ? 'not known' : 'nothing validated';
  }
  return `${plural(validationPairs, 'pair')} of ${plural(validationSubjects.length, 'subject')}`;
}

/** What is special about it, with commas between. */
export function stateInWords(model: ModelFacts): string {
  return [
    ...(model.isCurrent ? ['current'] : []),
    ...(model.isKept ? ['kept'] : []),
    ...(model.isOfTraining ? ['of the training that is not over'] : []),
    ...(model.damage === null ? [] : [printable(model.damage)]),
  ].join(', ');
}
