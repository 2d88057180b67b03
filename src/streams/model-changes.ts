import type { ModelChangedEvent, ModelRequest, PipelineEvent } from '../events.js';
import type { ModelCard } from '../model/card.js';
import { fail, ok, type Result } from '../operators/result.js';
import { changeModel, type ModelsInUse } from '../store/change-model.js';
import type { ModelRegistry, SavedModel } from '../store/model-registry.js';

/**
 * Does what people ask to be done with the models of a store that this process works on: never while a
 * new model is compared and published, and one request after the other.
 */
export class ModelChanges {
  private inUse: ModelsInUse;

  /**
   * @param size of the images that it predicts, if it does
   * @param serve called, still in turn, with a model that is to predict from now on
   */
  constructor(
    private readonly registry: ModelRegistry,
    size: ModelCard['size'] | null,
    private readonly emit: (event: PipelineEvent) => void,
    private readonly serve: (model: SavedModel) => void = () => {},
  ) {
    this.inUse = { size, training: null };
  }

  /** What a training needs is known from what is told of it. */
  hear(event: PipelineEvent): void {
    switch (event.type) {
      case 'train.started': {
        const { runId, startedFrom = null } = event;
        this.inUse = { ...this.inUse, training: { runId, startedFrom } };
        break;
      }
      case 'train.done':
      case 'train.interrupted':
      case 'train.failed':
        this.inUse = { ...this.inUse, training: null };
    }
  }

  async ask(request: ModelRequest): Promise<Result<ModelChangedEvent>> {
    try {
      return await this.registry.inTurn(async () => {
        const changed = await changeModel(this.registry, request, this.inUse);
        if (!changed.ok) return changed;
        const { event, used } = changed.value;
        this.emit(event);
        if (used !== null) this.serve(used);
        return ok(event);
      });
    } catch (error) {
      // The disk refuses.
      return fail('MODEL_NOT_CHANGED', `it could not be done: ${(error as Error).message}`);
    }
  }
}
