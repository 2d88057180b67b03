import {
  BehaviorSubject,
  defer,
  distinctUntilChanged,
  filter,
  finalize,
  firstValueFrom,
  type MonoTypeOperatorFunction,
  map,
  type Observable,
} from 'rxjs';

/** How much each stage has in hand. */
export interface Load {
  /** 1 until everything that was there at the start has been told of. */
  readonly scanning: number;
  readonly settling: number;
  /** Of those that settle, how many nobody waits for. */
  readonly restless: number;
  /** Paths that wait for their turn, and files between reading and the cache. */
  readonly queued: number;
  readonly running: number;
  readonly committing: number;
}

/** Each stage reports here; who waits for whom follows from these numbers. */
export class InFlight {
  private readonly load$ = new BehaviorSubject<Load>({
    ...{ scanning: 1, settling: 0, restless: 0 },
    ...{ queued: 0, running: 0, committing: 0 },
  });

  get load(): Load {
    return this.load$.value;
  }

  /** All that somebody may wait for. */
  readonly total$: Observable<number> = this.load$.pipe(map(totalOf), distinctUntilChanged());

  report(part: Partial<Load>): void {
    this.load$.next({ ...this.load, ...part });
  }

  /** Counts a write from its start until what came of it has been told. */
  committing<T>(): MonoTypeOperatorFunction<T> {
    const add = (more: number) => this.report({ committing: this.load.committing + more });
    return (write$) =>
      defer(() => {
        add(1);
        return write$.pipe(finalize(() => add(-1)));
      });
  }

  /** Resolves when nothing is being read, decoded or written; paths may wait. */
  async emptied(): Promise<void> {
    // As of now: what reads a number may already have begun the next write.
    const isEmpty = () => this.load.running + this.load.committing === 0;
    await firstValueFrom(this.load$.pipe(filter(isEmpty)));
  }
}

function totalOf(load: Load): number {
  const { scanning, settling, restless, queued, running, committing } = load;
  return scanning + settling - restless + queued + running + committing;
}
