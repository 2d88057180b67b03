import { StoreRefusals } from '../../streams/store-refusals.js';
import type { EventStream } from './event-stream.js';

/** Says in one line how many items the store refuses, in place of one an item. */
export function tellStoreRefusals(stream: EventStream): Disposable {
  const refusals = new StoreRefusals(stream.emit);
  const subscription = stream.events$.subscribe((event) => refusals.add(event));
  return {
    [Symbol.dispose]() {
      refusals.close();
      subscription.unsubscribe();
    },
  };
}
