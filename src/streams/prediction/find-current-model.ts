import type { PipelineEvent } from '../../events.js';
import type { Settings } from '../../settings/options.js';
import type { CurrentModel, ModelRegistry } from '../../store/model-registry.js';

/** The model to predict with, if there is one for images of this size; says what is damaged. */
export async function findCurrentModel(
  registry: Pick<ModelRegistry, 'current'>,
  { size, retrain }: Pick<Settings, 'size' | 'retrain'>,
  emit: (event: PipelineEvent) => void,
): Promise<CurrentModel | null> {
  const current = await registry.current();
  switch (current.status) {
    case 'missing':
      return null;
    case 'damaged': {
      const next = retrain === 'auto' ? ', one is trained anew' : '';
      emit(modelDamaged(`${current.message}; no model is left${next}`));
      return null;
    }
    case 'found': {
      const { card, insteadOf } = current.value;
      if (insteadOf !== null) emit(modelDamaged(`${insteadOf}; the model before it serves`));
      const fits = card.size.height === size.height && card.size.width === size.width;
      return fits ? current.value : null;
    }
  }
}

function modelDamaged(message: string): PipelineEvent {
  return { type: 'notice', level: 'warning', code: 'MODEL_DAMAGED', message };
}
