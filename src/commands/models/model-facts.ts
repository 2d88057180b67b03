import type { ModelCard } from '../../model/card.js';
import type { StoredModel } from '../../store/list-models.js';

/** What a model was made from. */
export type ModelOrigin =
  | { readonly type: 'new' }
  | { readonly type: 'continued'; readonly from: string }
  | { readonly type: 'ensemble'; readonly models: number }
  /** Nobody here has trained it. */
  | { readonly type: 'imported'; readonly file: string };

/** One model of `models --json`. */
export interface ModelFacts extends Omit<StoredModel, 'card'> {
  /** ISO 8601; null, as all that follows, where the model cannot be read. */
  readonly createdAt: string | null;
  readonly origin: ModelOrigin | null;
  readonly recipe: string | null;
  readonly size: ModelCard['size'] | null;
  /** Training pairs. */
  readonly pairs: number | null;
  /** Mean over its validation images, of an ensemble over its models'; null where none validated. */
  readonly imageDice: number | null;
  readonly validationPairs: number | null;
  /** None of an ensemble: each of its models had its own. */
  readonly validationSubjects: ModelCard['fold']['validationSubjects'] | null;
}

export function factsOf({ card, ...model }: StoredModel): ModelFacts {
  return {
    ...model,
    createdAt: card?.createdAt ?? null,
    origin: card && originOf(card),
    recipe: card?.recipe ?? null,
    size: card?.size ?? null,
    pairs: card?.pairs ?? null,
    imageDice: card?.metrics.validationImageDice ?? null,
    validationPairs: card?.validationPairs ?? null,
    validationSubjects: card?.fold.validationSubjects ?? null,
  };
}

export function originOf({ voters, startedFrom, importedFrom }: ModelCard): ModelOrigin {
  if (importedFrom !== undefined) return { type: 'imported', file: importedFrom.file };
  if (voters !== undefined) return { type: 'ensemble', models: voters };
  return startedFrom === undefined ? { type: 'new' } : { type: 'continued', from: startedFrom };
}
