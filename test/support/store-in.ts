import { type OpenStore, openStore } from '../../src/store/open-store.js';
import type { RawFolder } from './raw-folder.js';

/** Uses the folder's store and closes it again. */
export async function withStore<T>(
  folder: RawFolder,
  use: (store: OpenStore) => Promise<T>,
): Promise<T> {
  const store = await openStore(folder.store, 'test');
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
