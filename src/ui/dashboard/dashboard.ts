import { asyncScheduler, type Observable, type SchedulerLike, type Subscription } from 'rxjs';
import type { PipelineEvent } from '../../events.js';
import type { Controls } from '../controls.js';
import { type Choices, expiryOf, initialChoices } from '../keyboard/choices.js';
import type { Situation } from '../keyboard/press-key.js';
import { type Block, composeFrame, type Frame } from '../layout/compose-frame.js';
import type { Attached } from '../panels/panel.js';
import { type PictureWish, questionFor } from '../pictures/picture-protocol.js';
import { activityOf } from '../state/activity.js';
import { type DashboardState, foldEvent, initialState } from '../state/dashboard-state.js';
import { AlternateScreen, type TerminalOutput } from '../terminal/alternate-screen.js';
import { InkRenderer } from '../terminal/ink-renderer.js';
import { JobControl } from '../terminal/job-control.js';
import { KeyboardStream } from '../terminal/keyboard-stream.js';
import { askCell } from '../terminal/terminal-answers.js';
import { type Env, type Theme, themeFor } from '../terminal/theme.js';
import { FrameClock } from './frame-clock.js';
import { KeyInput } from './key-input.js';
import { PictureDisplay } from './picture-display.js';
import { summaryOf } from './summary.js';

export interface DashboardOptions {
  readonly events: Observable<PipelineEvent>;
  readonly stdout: TerminalOutput;
  readonly stdin: NodeJS.ReadStream;
  readonly commands: Controls;
  readonly env: Env;
  /** What is known already of a program that runs elsewhere, and whether keys may ask it for anything. */
  readonly attached?: Attached & { readonly state: DashboardState };
  /** Only signs of ASCII. */
  readonly ascii?: boolean;
  /** How pictures are drawn; `auto` asks the terminal. */
  readonly pictures?: PictureWish;
  /** Wall clock; the scheduler's when left out. */
  readonly now?: () => number;
  readonly scheduler?: SchedulerLike;
}

export interface Dashboard {
  /** Resolves when the terminal is given back; rejects when the dashboard itself broke. */
  waitUntilExit(): Promise<void>;
  /** Gives the terminal back and leaves the summary on it. Safe to call twice. */
  unmount(): void;
}

/**
 * Takes over the terminal until the events end or `unmount` is called. Events are folded into
 * a state as they come; the screen samples it, so a thousand events cost a thousand folds and
 * one frame.
 */
export function renderDashboard(options: DashboardOptions): Dashboard {
  return new LiveDashboard(options);
}

class LiveDashboard implements Dashboard {
  private readonly now: () => number;
  private readonly theme: Theme;
  private readonly keyboard: boolean;
  private readonly screen: AlternateScreen;
  private readonly clock: FrameClock;
  private readonly keys: KeyInput;
  private readonly jobControl: JobControl;
  private readonly pictures: PictureDisplay;
  private readonly ink: InkRenderer;
  private readonly events: Subscription;
  private readonly exited: Promise<void>;
  private settle!: { resolve: () => void; reject: (error: unknown) => void };
  private state: DashboardState;
  private overlays: readonly Block[] = [];
  private gone = false;

  constructor(private readonly options: DashboardOptions) {
    const { stdin, stdout, env, pictures: wish = 'auto' } = options;
    const scheduler = options.scheduler ?? asyncScheduler;
    this.now = options.now ?? (() => scheduler.now());
    this.theme = themeFor(env, options.ascii === undefined ? {} : { ascii: options.ascii });
    this.state = options.attached?.state ?? initialState(this.now());
    this.keyboard = stdin.isTTY === true;
    this.exited = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // Whoever does not wait must not be killed by a rejection that nobody handles.
    this.exited.catch(() => {});

    this.screen = new AlternateScreen(stdout);
    this.clock = new FrameClock({
      scheduler,
      now: this.now,
      stopwatch: options.scheduler ? () => scheduler.now() : () => performance.now(),
      draw: () => this.draw(),
    });
    this.pictures = new PictureDisplay({
      wish,
      now: this.now,
      cpuMs: options.scheduler ? () => 0 : processCpuMs,
      onReady: () => this.clock.drawSoon(),
    });
    this.keys = new KeyInput({
      choices:
        wish === 'off' ? { ...initialChoices, hidden: new Set(['picture']) } : initialChoices,
      commands: options.commands,
      situation: () => situationOf(this.state, this.now(), options.attached),
      redraw: () => this.screen.invalidate(),
      suspend: () => this.jobControl.suspend(),
      onChange: this.chosen,
    });
    const input = new KeyboardStream(stdin, scheduler, (answer) => {
      this.pictures.learn(answer);
      this.clock.drawSoon();
    });
    const question = this.keyboard ? questionFor(wish, env, this.theme) : '';
    if (question !== '') input.expectAnswer();
    this.screen.open(question);
    stdout.on('resize', this.resized);
    process.on('exit', this.processExits);
    this.ink = new InkRenderer(this.frame(), {
      input,
      keyboard: this.keyboard,
      onKey: this.onKey,
      onGone: this.screen.close,
      onText: (text) => {
        const isTaken = this.screen.draw(text, this.overlays, this.pictures.ready());
        if (!isTaken) this.clock.frameWasLost();
      },
    });
    const setRawMode = (isRaw: boolean) => this.keyboard && input.setRawMode(isRaw);
    this.jobControl = new JobControl({
      release: () => {
        this.screen.close();
        setRawMode(false);
      },
      take: () => {
        setRawMode(true);
        this.screen.open();
        // Windows that change their size tell only the program in front.
        process.emit('SIGWINCH', 'SIGWINCH');
        this.clock.drawSoon();
      },
    });
    this.clock.start();
    this.events = options.events.subscribe({
      next: (event) => this.take(event),
      // Why the events failed is for the program to tell, on a screen that is itself again.
      error: () => this.unmount(),
      complete: () => this.unmount(),
    });
    if (this.gone) this.events.unsubscribe();
  }

  waitUntilExit(): Promise<void> {
    return this.exited;
  }

  unmount(): void {
    if (this.leave()) {
      this.screen.print(this.lastWords());
      this.settle.resolve();
    }
  }

  private take(event: PipelineEvent): void {
    try {
      this.state = foldEvent(this.state, event, this.now());
    } catch (error) {
      this.break(error);
      return;
    }
    this.clock.drawLater();
  }

  private draw(): number | null {
    try {
      this.ink.draw(this.frame());
    } catch (error) {
      this.break(error);
    }
    return expiryOf(this.keys.choices, this.now());
  }

  private frame(): Frame {
    const nowMs = this.now();
    // Sizes of 0 are what a pseudo-terminal has that nobody told its size.
    const columns = this.options.stdout.columns || 80;
    const rows = this.options.stdout.rows || 24;
    const { state } = this;
    const { choices } = this.keys;
    const { attached } = this.options;
    const view = {
      state: { ...state, previews: this.pictures.at(state.previews, nowMs) },
      choices,
      activity: activityOf(state, choices.stopping, nowMs),
      nowMs,
      theme: this.theme,
      pictures: this.pictures.mode,
      ...(attached && { attached }),
    };
    const frame = composeFrame(view, columns, rows);
    this.overlays = frame.overlays;
    this.pictures.want(frame.images);
    return frame;
  }

  private onKey = (name: string): void => {
    if (!this.gone) this.keys.press(name);
  };

  private chosen = (choices: Choices, before: Choices): void => {
    if (choices.picture !== before.picture) this.pictures.hurry();
    this.clock.drawSoon();
  };

  private resized = (): void => {
    this.screen.invalidate();
    // Another size may come of another font.
    if (this.pictures.mode.kind === 'images') this.screen.ask(askCell);
    this.clock.drawSoon();
  };

  /** A fault in what only looks on must not end a training: the program may log plainly. */
  private break(error: unknown): void {
    if (this.leave()) this.settle.reject(error);
  }

  /** Somebody called process.exit: the summary is left all the same. */
  private processExits = (): void => this.unmount();

  /** Whether it was still there. */
  private leave(): boolean {
    if (this.gone) return false;
    this.gone = true;
    this.clock.stop();
    // A source that completes at once does so before there is a subscription.
    (this.events as Subscription | undefined)?.unsubscribe();
    this.options.stdout.off('resize', this.resized);
    process.off('exit', this.processExits);
    (this.jobControl as JobControl | undefined)?.end();
    (this.ink as InkRenderer | undefined)?.close();
    this.screen.close();
    return true;
  }

  /** A program that goes on elsewhere has no summary yet. */
  private lastWords(): readonly string[] {
    const { attached } = this.options;
    if (!attached || this.state.stopped !== null) return summaryOf(this.state, this.now());
    return [this.keys.choices.stopping ? `left ${attached.to}` : `${attached.to} is gone`];
  }
}

/** What the keys' answers depend on. */
function situationOf(
  state: DashboardState,
  nowMs: number,
  attached: Attached | undefined,
): Situation {
  return {
    training: state.training.status === 'running',
    paused: state.paused,
    nowMs,
    previews: state.previews,
    failures: state.failures.total,
    entries: { failures: state.failures.items.length, log: state.log.items.length },
    attached: attached ?? null,
  };
}

/** Of all threads: pictures are scaled and compressed on others. */
function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
