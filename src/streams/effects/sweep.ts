import { concatMap } from 'rxjs';
import { sweepPixels } from '../../store/unused-pixels.js';
import type { FlowEvent } from '../coordinator/state.js';
import { commandsTo, type Effect } from './effect.js';

/** Removes pixels that no file has any more, while nothing is taken in. */
export const sweep: Effect = ({ commands$, catalog }) =>
  commandsTo(commands$, 'sweep').pipe(
    concatMap(async (): Promise<FlowEvent> => {
      await sweepPixels(catalog).catch(() => {
        // The store refuses, or is being closed: what is left over only takes up room.
      });
      return { type: 'swept' };
    }),
  );
