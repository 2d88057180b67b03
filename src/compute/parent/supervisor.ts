import {
  BehaviorSubject,
  filter,
  firstValueFrom,
  type Observable,
  ReplaySubject,
  Subject,
} from 'rxjs';
import type { BackendName } from '../../events.js';
import type { BackendCandidate, BackendSettings } from '../backends/candidate.js';
import { candidatesFor } from '../backends/candidates.js';
import { type SelectedBackend, selectBackend } from '../backends/select-backend.js';
import { ComputeFailure, type ComputeHealth, type ComputeInfo } from '../compute.js';
import type { FromCompute, ToCompute } from '../protocol.js';
import { closedFailure, deathFailure, noBackendFailure } from './failures.js';
import type { Child, ChildExit, StartChild } from './start-child.js';
import {
  deathsSurvived,
  initialState,
  isAchievement,
  processOf,
  type SupervisorEvent,
  type SupervisorState,
  transition,
} from './supervisor-state.js';
import { type Ticker, Watchdog } from './watchdog.js';

/** Who has work for the compute process. */
export interface ProcessUser {
  /** A process is ready: it gets all there is to do. */
  handOver(): void;
  /** It died with all it had in hand. What has seen too many deaths fails. */
  processDied(failure: ComputeFailure): void;
  /** There will be no process: all there is to do fails. */
  fail(error: unknown): void;
  /** Whether there is anything to do. */
  hasWork(): boolean;
}

export interface SupervisorOptions {
  readonly backend: 'auto' | BackendName;
  readonly settings: BackendSettings;
  readonly candidates: readonly BackendCandidate[];
  readonly start: StartChild;
  readonly ticker: Ticker;
  readonly wait: (ms: number) => Promise<unknown>;
}

const restartAfterMs = 500;

/** Starts the compute process when it is wanted, watches it, and starts another when it dies. */
export class Supervisor {
  readonly health$: Observable<ComputeHealth>;
  /** Of the process that runs, in their order; nothing of one that is gone. */
  readonly messages$: Observable<FromCompute>;
  private readonly health = new ReplaySubject<ComputeHealth>(1);
  private readonly messages = new Subject<FromCompute>();
  private readonly states = new BehaviorSubject<SupervisorState>(initialState);
  /** All that have not ended, those of unusable candidates among them. */
  private readonly children = new Set<Child>();

  constructor(
    private readonly options: SupervisorOptions,
    private readonly user: ProcessUser,
  ) {
    this.health$ = this.health.asObservable();
    this.messages$ = this.messages.asObservable();
  }

  /** There is work: starts a process unless there is one, or one on its way. */
  want(): void {
    this.dispatch({ type: 'wanted' });
  }

  /** Resolves when a process runs; rejects where none can be started, or none will be. */
  async ready(): Promise<ComputeInfo> {
    this.want();
    const isSettled = ({ state }: SupervisorState) =>
      state === 'running' || state === 'stopped' || state === 'closing';
    const settled = await firstValueFrom(this.states.pipe(filter(isSettled)));
    if (settled.state === 'running') return settled.process.info;
    throw settled.state === 'stopped' ? settled.why : closedFailure();
  }

  /** Whether what is sent is heard. */
  get isUp(): boolean {
    const { value } = this.states;
    return value.state !== 'hung' && processOf(value) !== null;
  }

  get isClosing(): boolean {
    return this.states.value.state === 'closing';
  }

  /** Nobody hears it where no process runs: the next one is handed over to. */
  send(message: ToCompute): void {
    processOf(this.states.value)?.child.send(message);
  }

  /** From now on no process is started. The one that runs goes on until `end`. */
  close(): void {
    this.dispatch({ type: 'closed' });
  }

  /** Ends every process; resolves when they are gone. */
  async end(withinMs: number): Promise<void> {
    const running = processOf(this.states.value)?.child;
    for (const child of this.children) if (child !== running) child.kill();
    running?.send({ type: 'close' });
    if (running && !(await settlesWithin(withinMs, running.exited))) running.kill();
    await Promise.all([...this.children].map((child) => child.exited));
    this.user.fail(closedFailure());
    this.health.complete();
  }

  private dispatch(event: SupervisorEvent): void {
    const before = this.states.value;
    const after = transition(before, event);
    if (after !== before) this.states.next(after);
    if (after.state !== before.state) this.enter(after);
  }

  private enter(state: SupervisorState): void {
    switch (state.state) {
      case 'starting':
        if (!state.before) this.health.next({ state: 'starting' });
        void this.launch(state.before).then((event) => this.dispatch(event));
        return;
      case 'running':
        this.watch(state.process);
        this.health.next({ state: 'ready', info: state.process.info });
        this.user.handOver();
        return;
      case 'hung':
        state.process.child.kill();
        return;
      case 'stopped':
        if (state.why instanceof ComputeFailure) {
          this.health.next({ state: 'failed', code: state.why.code, message: state.why.message });
        }
        this.user.fail(state.why);
        return;
      case 'waiting':
      case 'closing':
        return;
    }
  }

  private async launch(before: SelectedBackend | null): Promise<SupervisorEvent> {
    const { backend, settings } = this.options;
    const all = candidatesFor(backend, this.options.candidates);
    // Those above the one before were unusable a while ago; those below are there should the GPU be lost.
    const candidates = before ? all.slice(all.indexOf(before.candidate)) : all;
    try {
      const selected = await selectBackend(candidates, settings, (environment) =>
        this.fork(environment),
      );
      if (!('child' in selected)) throw noBackendFailure(backend, selected.skipped);
      const skipped = [...(before?.info.skipped ?? []), ...selected.info.skipped];
      return { type: 'started', process: { ...selected, info: { ...selected.info, skipped } } };
    } catch (error) {
      // The next who wants it tries again: the program may be left running for weeks.
      return { type: 'unusable', error };
    }
  }

  private fork(environment: Readonly<Record<string, string>>): Child {
    if (this.isClosing) throw closedFailure();
    const child = this.options.start(environment);
    this.children.add(child);
    void child.exited.then(() => this.children.delete(child));
    return child;
  }

  private watch(process: SelectedBackend): void {
    const { candidate, child } = process;
    const watchdog = new Watchdog(
      candidate.hangAfterMs,
      (ms) => this.dispatch({ type: 'silent', ms }),
      this.options.ticker,
    );
    child.onMessage((message) => {
      if (processOf(this.states.value) !== process) return;
      watchdog.beat();
      this.hear(message);
    });
    void child.exited.then((exit) => {
      watchdog.stop();
      this.afterDeath(exit);
    });
  }

  private hear(message: FromCompute): void {
    if (isAchievement(message)) this.dispatch({ type: 'achieved' });
    if (message.type === 'memory') {
      const { type: _, ...figures } = message;
      this.health.next({ state: 'memory', ...figures });
    }
    this.messages.next(message);
  }

  private afterDeath(exit: ChildExit): void {
    const { value: before } = this.states;
    const failure = deathFailure(exit, before.state === 'hung' ? before.silentMs : null);
    this.dispatch({ type: 'died' });
    this.user.processDied(failure);
    const { value: state } = this.states;
    if (state.state !== 'waiting') return;
    const { deaths } = state;
    // Whoever is to blame: this leads nowhere.
    if (deaths > 2 * deathsSurvived) this.user.fail(failure);
    if (deaths > deathsSurvived && !this.user.hasWork()) {
      this.dispatch({ type: 'given-up', error: failure });
      return;
    }
    this.health.next({ state: 'restarting', attempt: deaths, message: failure.message });
    void this.options.wait(restartAfterMs * deaths).then(() => this.dispatch({ type: 'waited' }));
  }
}

/** Whether it settled in time. */
export async function settlesWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
