import { type Compute, ComputeFailure, type ComputeInfo } from '../../compute/compute.js';
import { ComputeProcess } from '../../compute/parent/compute-process.js';
import type { Settings } from '../../settings/options.js';
import { type OpenStore, openStore } from '../../store/open-store.js';
import { candidatesForSettings } from '../backends-for-settings.js';

export interface StoreAndCompute extends AsyncDisposable {
  readonly store: OpenStore;
  readonly compute: Compute;
  /** What computes; null where nothing is to compute. */
  readonly found: Promise<ComputeInfo | ComputeFailure | null>;
}

/**
 * The store, for this process alone, and the compute process, which looks for a backend while the
 * store is opened. It ends before another process may have the store.
 * @throws StoreFailure
 */
export async function openStoreAndCompute(
  settings: Settings,
  command: string,
  needsCompute: boolean,
): Promise<StoreAndCompute> {
  const candidates = await candidatesForSettings(settings);
  const compute = new ComputeProcess(settings, { candidates });
  const found = needsCompute ? compute.start().catch(asFailure) : Promise.resolve(null);
  try {
    const store = await openStore(settings.store, command);
    return {
      store,
      compute,
      found,
      async [Symbol.asyncDispose]() {
        await compute.close();
        await store.close();
      },
    };
  } catch (error) {
    await compute.close();
    throw error;
  }
}

/** Looked at only when it is its turn, so that it is no unhandled rejection until then. */
function asFailure(error: unknown): ComputeFailure {
  if (error instanceof ComputeFailure) return error;
  throw error;
}
