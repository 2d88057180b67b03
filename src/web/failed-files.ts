import type { Observable } from 'rxjs';
import type { PipelineEvent } from '../events.js';

/** Beyond that nobody counts. */
const mostKept = 100_000;

/** Files that failed since the start and have not been taken in meanwhile. */
export class FailedFiles {
  private readonly paths = new Set<string>();

  constructor(
    events$: Observable<PipelineEvent>,
    private readonly taken: { has(path: string): boolean },
  ) {
    events$.subscribe((event) => {
      if (event.type === 'item.failed' && this.paths.size < mostKept) this.paths.add(event.path);
    });
  }

  get count(): number {
    for (const path of this.paths) if (this.taken.has(path)) this.paths.delete(path);
    return this.paths.size;
  }
}
