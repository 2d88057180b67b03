import { filter, firstValueFrom } from 'rxjs';
import type { PipelineEvent } from '../../events.js';
import type { Intake } from './intake.js';

/** Runs an intake until there is nothing left to take in. */
export async function takeInOnce(
  intake: Intake,
  emit: (event: PipelineEvent) => void,
): Promise<void> {
  const telling = intake.events$.subscribe(emit);
  const quiet = firstValueFrom(intake.busy$.pipe(filter((isBusy) => !isBusy)));
  const running = intake.run().subscribe();
  await quiet;
  running.unsubscribe();
  telling.unsubscribe();
}
