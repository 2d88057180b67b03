import type { ExportSource } from '../../src/exports/export-format.js';
import type { SavedModel } from '../../src/store/model-registry.js';

/** A store of which only the model is asked. */
export function modelSource(model: SavedModel | null): ExportSource {
  return {
    size: model?.card.size ?? { height: 16, width: 16 },
    label: 'nerve',
    withTruth: false,
    model,
    async *predicted() {},
    async *pairs() {},
  };
}
