import type { PipelineEvent } from '../events.js';
import type { ModelCard } from '../model/card.js';
import type { Settings } from '../settings/options.js';
import type { Catalog } from '../store/catalog.js';
import {
  comparedWithOriginal,
  planRepetition,
  type Repetition,
} from '../streams/training/repeat-training.js';

/** What `--like` asks for; null without it, `none` where it cannot be done, which has been told. */
export async function repetitionOf(
  settings: Settings,
  catalog: Catalog,
  modelsFolder: string,
  emit: (event: PipelineEvent) => void,
): Promise<Repetition | null | 'none'> {
  if (settings.like === null) return null;
  const planned = await planRepetition(settings.like, settings, catalog, modelsFolder);
  if (!planned.ok) {
    emit({ type: 'notice', level: 'error', ...planned.failure });
    return 'none';
  }
  const { model, remarks } = planned.value;
  const message = [`Repeating the training of ${model.modelId}`, ...remarks].join('; ');
  emit({ type: 'notice', level: 'info', code: 'REPEATING', message: `${message}.` });
  return planned.value;
}

export function tellWhetherSame(
  original: ModelCard,
  repeated: ModelCard,
  emit: (event: PipelineEvent) => void,
): void {
  const { isSame, message } = comparedWithOriginal(original, repeated);
  const level = isSame ? 'info' : 'warning';
  emit({ type: 'notice', level, code: isSame ? 'REPEATED' : 'NOT_REPEATED', message });
}
