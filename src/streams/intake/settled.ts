import { concat, concatMap, defer, EMPTY, interval, merge, type OperatorFunction, tap } from 'rxjs';
import type { InFlight } from './in-flight.js';
import { latestByKey } from './latest-by-key.js';
import type { PathChanged } from './path-changed.js';
import {
  type SettledPath,
  type SettleOptions,
  waitUntilUnchanged,
} from './wait-until-unchanged.js';

/** Settling is mostly waiting; this only bounds the memory of a huge first scan. */
const settlingAtOnce = 2048;

/** Somebody has kept writing there for so long that nobody waits for it any more. */
export interface Restless {
  readonly type: 'restless';
  readonly path: string;
  readonly forMs: number;
}

export interface SettledOptions extends SettleOptions {
  /** For how long a path that does not settle holds up whoever waits for the rest. */
  readonly patienceMs: number;
  readonly inFlight: InFlight;
}

/** Waits for each path until nobody writes there any more; of one that never ends it tells once. */
export function settled(
  options: SettledOptions,
): OperatorFunction<PathChanged, SettledPath | Restless> {
  const { patienceMs, inFlight } = options;
  return (changes$) =>
    defer(() => {
      let settling = 0;
      /** Since when each path settles, the oldest first. */
      const since = new Map<string, number>();
      const restless = new Set<string>();
      const report = () => inFlight.report({ settling, restless: restless.size });

      const settled$ = changes$.pipe(
        latestByKey(
          ({ path }) => path,
          (change) => {
            if (!since.has(change.path)) since.set(change.path, performance.now());
            return waitUntilUnchanged(change, options);
          },
          {
            concurrency: settlingAtOnce,
            onLoad: ({ running }) => {
              settling = running;
              report();
            },
          },
        ),
        tap(({ path }) => {
          since.delete(path);
          restless.delete(path);
        }),
      );
      function* newlyRestless(): Generator<Restless> {
        const before = performance.now() - patienceMs;
        for (const [path, began] of since) {
          if (began > before) return;
          if (restless.has(path)) continue;
          restless.add(path);
          yield { type: 'restless', path, forMs: patienceMs };
        }
      }

      const reported$ = defer(() => {
        report();
        return EMPTY;
      });
      const restless$ = interval(patienceMs / 4).pipe(
        // They are passed on before they count as nobody's: in between, all would seem to be done.
        concatMap(() => concat(newlyRestless(), reported$)),
      );
      return merge(settled$, restless$);
    });
}
