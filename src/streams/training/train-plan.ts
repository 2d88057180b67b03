import { join } from 'node:path';
import type { TrainingPlan } from './plan-training.js';
import { trainEnsemble } from './train-ensemble.js';
import { type TrainedModel, trainModel } from './train-model.js';
import type { TrainingInHand } from './training-context.js';

/**
 * Trains what was planned to its end. The best so far of a single model can predict before that.
 * Null when interrupted: what is needed to go on is saved.
 */
export async function trainPlan(
  plan: TrainingPlan,
  context: TrainingInHand,
): Promise<TrainedModel | null> {
  switch (plan.type) {
    case 'single':
      return await trainModel(plan.task, context, (card) => {
        const folder = join(plan.task.folder, card.folder);
        context.tell({ type: 'model', card, folder, isFinal: false });
      });
    case 'ensemble':
      return await trainEnsemble(plan, context);
  }
}
