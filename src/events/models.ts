/** The post-processing that goes with a model just trained, and what it gains on its validation. */
export interface ModelTunedEvent {
  readonly type: 'model.tuned';
  readonly modelId: string;
  /** Validation images. */
  readonly images: number;
  /** Mean image Dice on the network's grid with the recipe's threshold alone, and with these settings. */
  readonly untunedImageDice: number;
  readonly imageDice: number;
  readonly postProcessing: PostProcessingSettings;
  /** At which the model's probabilities can be believed: above 1 it is too sure. */
  readonly temperature: number;
}

/** How probabilities become a mask. */
export interface PostProcessingSettings {
  /** Probability from which a pixel is foreground, 0..1. */
  readonly threshold: number;
  /**
   * The mask is empty where the evidence of a nerve (`isAbsent`) lies below this, 0..1; null: however
   * little there is. Of no effect on a model that does not tell presence.
   */
  readonly presenceThreshold: number | null;
  /** Components smaller than this share of the image's pixels go, 0..1. */
  readonly leastArea: number;
  /** Background that foreground encloses becomes foreground. */
  readonly fillHoles: boolean;
  /** Only this many components stay, the largest; null: all. */
  readonly largestComponents: number | null;
}

/** This model predicts from now on: told at the start, too, where one is there already. */
export interface ModelServingEvent {
  readonly type: 'model.serving';
  readonly modelId: string;
  readonly recipe: string;
  /** Training pairs. */
  readonly pairs: number;
  /** Mean over its validation subjects when it was trained; null where there were none. */
  readonly imageDice: number | null;
  /** ISO 8601. */
  readonly trainedAt: string;
  /** An early one of the training that goes on, until that is done: there is no other. */
  readonly isInterim: boolean;
}

/** What a person asks to be done with a model; each becomes a `ModelChangedEvent`, or is refused. */
export interface ModelRequest {
  readonly verb: 'use' | 'keep' | 'unkeep' | 'remove';
  /** Its id, or how no other id begins. */
  readonly model: string;
}

/** A person has changed something about the models of the store. */
export type ModelChangedEvent =
  | {
      /** It is the current model from now on. */
      readonly type: 'model.used';
      readonly modelId: string;
      /** The current model until now; null where there was none. */
      readonly previous: string | null;
    }
  | {
      /** Whether it is kept, whatever else is pruned. */
      readonly type: 'model.marked';
      readonly modelId: string;
      readonly isKept: boolean;
    }
  | { readonly type: 'model.removed'; readonly modelId: string; readonly bytes: number };

/**
 * Which model predicts after a training. Scores are mean image Dice on the network's grid (`size-changed`:
 * on the images' own), of both models on the same pairs of today: those of subjects that validated for
 * both, so that neither has learnt from them.
 */
export type ModelEvent =
  | {
      readonly type: 'model.promoted';
      readonly modelId: string;
      /** The model that predicted until now. */
      readonly previous: string | null;
      readonly reason: PromotionReason;
      /** null where the two were not compared. */
      readonly imageDice: number | null;
      readonly previousImageDice: number | null;
      readonly subjects: readonly (number | string)[];
      readonly pairs: number;
    }
  | {
      /** The new model is not as good: the old one goes on predicting. */
      readonly type: 'model.kept';
      readonly modelId: string;
      readonly rejected: string;
      readonly imageDice: number;
      readonly rejectedImageDice: number;
      readonly subjects: readonly (number | string)[];
      readonly pairs: number;
    };

export type PromotionReason =
  | 'first'
  /** A person asked for it. */
  | 'requested'
  /** Better than the one before, or equal. */
  | 'as-good'
  /** No subject validated for both: there is nothing to compare them on. */
  | 'nothing-in-common'
  /** The one before reads images of another size; it cannot go on predicting, be it better. */
  | 'size-changed'
  /** The one before cannot be read any more. */
  | 'previous-unreadable';
