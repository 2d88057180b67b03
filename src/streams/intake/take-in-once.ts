import { BehaviorSubject, filter, firstValueFrom } from 'rxjs';
import type { PipelineEvent } from '../../events.js';
import { type ImagesToCacheContext, imagesToCache } from '../images-to-cache.js';
import { scanFolder } from './scan-folder.js';

/**
 * Takes in what is in raw/ now. Stopped, it finishes what is in hand and leaves the rest for the
 * next start.
 */
export async function takeInOnce(
  context: Omit<ImagesToCacheContext, 'signals$' | 'reconcileEveryMs' | 'paused$'>,
  emit: (event: PipelineEvent) => void,
  stopping?: AbortSignal,
): Promise<'done' | 'interrupted'> {
  const paused$ = new BehaviorSubject(stopping?.aborted ?? false);
  const intake = imagesToCache({
    ...context,
    signals$: scanFolder(context.settings.raw, context.settings.layout),
    reconcileEveryMs: 0,
    paused$,
  });
  const telling = intake.events$.subscribe(emit);
  const quiet = firstValueFrom(intake.busy$.pipe(filter((isBusy) => !isBusy)));
  const stopped = firstValueFrom(paused$.pipe(filter((isPaused) => isPaused))).then(() =>
    intake.emptied(),
  );
  stopping?.addEventListener('abort', () => paused$.next(true));
  const running = intake.run().subscribe();
  await Promise.race([quiet, stopped]);
  running.unsubscribe();
  telling.unsubscribe();
  return paused$.value ? 'interrupted' : 'done';
}
