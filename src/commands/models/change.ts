import { AttachFailure, attach } from '../../attach/attachment.js';
import { socketPathOf } from '../../attach/socket-path.js';
import type { ModelChangedEvent, ModelRequest } from '../../events.js';
import type { Result } from '../../operators/result.js';
import { ModelRegistry } from '../../store/model-registry.js';
import { openStore } from '../../store/open-store.js';
import { ModelChanges } from '../../streams/model-changes.js';
import { version } from '../../version.js';

export interface Changed {
  readonly result: Result<ModelChangedEvent>;
  /** Whether a program that runs predicts with another model at once. */
  readonly isFollowed: boolean;
}

/**
 * Asks the program that works on the store; where there is none, does it here, holding the store.
 * @throws AttachFailure or StoreFailure
 */
export async function changeOneModel(store: string, request: ModelRequest): Promise<Changed> {
  try {
    const running = await attach(socketPathOf(store), version);
    // What else it tells is not kept until the answer comes.
    running.events.subscribe();
    try {
      const isFollowed = running.hello.command !== 'train';
      return { result: await running.changeModel(request), isFollowed };
    } finally {
      running.close();
    }
  } catch (error) {
    if (!(error instanceof AttachFailure && error.code === 'NOBODY_THERE')) throw error;
  }
  const opened = await openStore(store, 'models');
  try {
    if (opened.rebuilt !== null) process.stderr.write(`nerveflow: ${opened.rebuilt}\n`);
    const changes = new ModelChanges(new ModelRegistry(opened.paths.models), null, () => {});
    return { result: await changes.ask(request), isFollowed: false };
  } finally {
    await opened.close();
  }
}
