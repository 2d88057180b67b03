// First of all imports: what React is, is decided when it loads.
import '../terminal/react-production.js';
import { render } from 'ink';
import { createElement } from 'react';
import { asyncScheduler, type Observable, type SchedulerLike, Subscription } from 'rxjs';
import type { PipelineEvent } from '../../events.js';
import {
  type Choices,
  type Command,
  expiryOf,
  initialChoices,
  press,
  typeKey,
} from '../keyboard/choices.js';
import { actionOf } from '../keyboard/key-bindings.js';
import { type Block, composeFrame } from '../layout/compose-frame.js';
import type { Attached } from '../panels/panel.js';
import { ImageEncoder, type WantedImage } from '../pictures/image-encoder.js';
import { PicturePace } from '../pictures/picture-pace.js';
import {
  type Asked,
  learn,
  nothingAsked,
  type PictureMode,
  type PictureWish,
  pictureModeOf,
  questionFor,
} from '../pictures/picture-protocol.js';
import { activityOf } from '../state/activity.js';
import { type DashboardState, initialState } from '../state/dashboard-state.js';
import { StateKeeper } from '../state/state-keeper.js';
import { AlternateScreen, type TerminalOutput } from '../terminal/alternate-screen.js';
import { InkOutput } from '../terminal/ink-output.js';
import { App } from '../terminal/ink-tree.js';
import { KeyboardStream } from '../terminal/keyboard-stream.js';
import { askCell, type TerminalAnswer } from '../terminal/terminal-answers.js';
import { type Env, type Theme, themeFor } from '../terminal/theme.js';
import { summaryOf } from './summary.js';

/** What the keys ask of the program. Each may be called again and again; none waits. */
export interface DashboardCommands {
  /** Stop cleanly; called once more (a second ctrl-c or q) while that takes its time. */
  quit(): void;
  pause(paused: boolean): void;
  train(): void;
  predictAgain(): void;
  retryFailed(): void;
}

export interface DashboardOptions {
  readonly events: Observable<PipelineEvent>;
  readonly stdout: TerminalOutput;
  readonly stdin: NodeJS.ReadStream;
  readonly commands: DashboardCommands;
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
  /** The lines of the summary as of now. */
  summary(): readonly string[];
}

/**
 * Takes over the terminal until the events end or `unmount` is called. Events are folded into
 * a state as they come; the screen samples it, so a thousand events cost a thousand folds and
 * one frame.
 */
export function renderDashboard(options: DashboardOptions): Dashboard {
  return new LiveDashboard(options);
}

/** Never more than ten frames a second, for a key; figures that change by themselves have to be read. */
const keyFrameMs = 100;
const quickestFrameMs = 400;
const slowestFrameMs = 1_500;
/** Uptime and ages change without an event. */
const clockMs = 1_000;
/** Share of a core that drawing may take. */
const budget = 0.01;

class LiveDashboard implements Dashboard {
  private readonly options: DashboardOptions;
  private readonly scheduler: SchedulerLike;
  private readonly now: () => number;
  /** Measures what a frame costs; in virtual time none costs anything. */
  private readonly stopwatch: () => number;
  private readonly theme: Theme;
  private readonly screen: AlternateScreen;
  private readonly inkOutput: InkOutput;
  private readonly ink: ReturnType<typeof render>;
  private readonly keyboard: boolean;
  private readonly exited: Promise<void>;
  private readonly events: Subscription;
  private settle!: { resolve: () => void; reject: (error: unknown) => void };
  private readonly keeper: StateKeeper;
  private readonly input: KeyboardStream;
  private readonly images: ImageEncoder;
  private readonly picturePace = new PicturePace();
  private pictureWish: PictureWish;
  private asked: Asked = nothingAsked;
  private overlays: readonly Block[] = [];
  private wantedImages: readonly WantedImage[] = [];
  private choices: Choices = initialChoices;
  private timer = Subscription.EMPTY;
  private timerAt = Number.POSITIVE_INFINITY;
  private drawnAt = Number.NEGATIVE_INFINITY;
  /** Smoothed time a frame takes. */
  private frameCostMs = 0;
  private changed = false;
  private gone = false;

  constructor(options: DashboardOptions) {
    this.options = options;
    this.scheduler = options.scheduler ?? asyncScheduler;
    this.now = options.now ?? (() => this.scheduler.now());
    this.stopwatch = options.scheduler ? () => this.scheduler.now() : () => performance.now();
    this.theme = themeFor(options.env, options.ascii === undefined ? {} : { ascii: options.ascii });
    this.keeper = new StateKeeper(options.attached?.state ?? initialState(this.now()));
    this.keyboard = options.stdin.isTTY === true;
    this.exited = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // Whoever does not wait must not be killed by a rejection that nobody handles.
    this.exited.catch(() => {});

    this.pictureWish = options.pictures ?? 'auto';
    if (this.pictureWish === 'off')
      this.choices = { ...initialChoices, hidden: new Set(['picture']) };
    this.images = new ImageEncoder(
      this.now,
      options.scheduler ? () => 0 : processCpuMs,
      (tookCpuMs) => {
        this.picturePace.learnCost(tookCpuMs);
        this.wakeAt(this.drawnAt + keyFrameMs);
      },
      () => {
        this.pictureWish = 'blocks';
      },
    );
    this.input = new KeyboardStream(options.stdin, this.scheduler, this.answered);
    this.screen = new AlternateScreen(options.stdout);
    const question = this.keyboard ? questionFor(this.pictureWish, options.env, this.theme) : '';
    if (question !== '') this.input.expectAnswer();
    this.screen.open(question);
    this.inkOutput = new InkOutput((frame) => {
      const mode = this.pictureMode();
      const images =
        mode.kind === 'images'
          ? this.images.place(this.wantedImages, mode.protocol, mode.cell)
          : [];
      if (!this.screen.draw(frame, this.overlays, images)) this.changed = true;
    });
    options.stdout.on('resize', this.resized);
    process.on('exit', this.processExits);
    this.ink = render(this.tree(), {
      // Ink asks of its streams only what these have.
      stdout: this.inkOutput as unknown as NodeJS.WriteStream,
      stdin: this.input as unknown as NodeJS.ReadStream,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
    this.drawnAt = this.now();
    this.wakeAt(this.drawnAt + clockMs);
    this.events = options.events.subscribe({
      next: (event) => this.fold(event),
      // Why the events failed is for the program to tell, on a screen that is itself again.
      error: () => this.unmount(),
      complete: () => this.unmount(),
    });
    if (this.gone) this.events.unsubscribe();
  }

  waitUntilExit(): Promise<void> {
    return this.exited;
  }

  summary(): readonly string[] {
    return summaryOf(this.keeper.state, this.now());
  }

  unmount(): void {
    if (this.leave()) {
      this.screen.print(this.lastWords());
      this.settle.resolve();
    }
  }

  /** A program that goes on elsewhere has no summary yet. */
  private lastWords(): readonly string[] {
    const { attached } = this.options;
    if (!attached || this.keeper.state.stopped !== null) return this.summary();
    return [this.choices.stopping ? `left ${attached.to}` : `${attached.to} is gone`];
  }

  /** Whether it was still there. */
  private leave(): boolean {
    if (this.gone) return false;
    this.gone = true;
    this.timer.unsubscribe();
    // A source that completes at once does so before there is a subscription.
    (this.events as Subscription | undefined)?.unsubscribe();
    this.options.stdout.off('resize', this.resized);
    process.off('exit', this.processExits);
    this.inkOutput.close();
    (this.ink as ReturnType<typeof render> | undefined)?.unmount();
    this.screen.close();
    return true;
  }

  private tree() {
    const nowMs = this.now();
    // Sizes of 0 are what a pseudo-terminal has that nobody told its size.
    const columns = this.options.stdout.columns || 80;
    const rows = this.options.stdout.rows || 24;
    this.inkOutput.columns = columns;
    this.inkOutput.rows = rows;
    const { state } = this.keeper;
    const { attached } = this.options;
    const view = {
      state: { ...state, previews: this.picturePace.at(state.previews, nowMs) },
      choices: this.choices,
      activity: activityOf(state, this.choices.stopping, nowMs),
      nowMs,
      theme: this.theme,
      pictures: this.pictureMode(),
      ...(attached && { attached }),
    };
    const frame = composeFrame(view, columns, rows);
    this.overlays = frame.overlays;
    this.wantedImages = frame.images;
    return createElement(App, {
      frame,
      keyboard: this.keyboard,
      onKey: this.onKey,
      onGone: this.screen.close,
    });
  }

  private pictureMode(): PictureMode {
    return pictureModeOf(this.pictureWish, this.asked);
  }

  private answered = (answer: TerminalAnswer): void => {
    this.asked = learn(this.asked, answer);
    this.wakeAt(this.drawnAt + keyFrameMs);
  };

  private fold(event: PipelineEvent): void {
    try {
      this.keeper.add(event, this.now());
    } catch (error) {
      this.break(error);
      return;
    }
    this.changed = true;
    this.wakeAt(this.drawnAt + this.frameInterval());
  }

  /** A fault in what only looks on must not end a training: the program may log plainly. */
  private break(error: unknown): void {
    if (this.leave()) this.settle.reject(error);
  }

  private draw(): void {
    const startedAt = this.stopwatch();
    this.changed = false;
    try {
      this.ink.rerender(this.tree());
    } catch (error) {
      this.break(error);
      return;
    }
    const cost = this.stopwatch() - startedAt;
    this.frameCostMs = blend(this.frameCostMs, cost);
    this.drawnAt = this.now();
    const expiry = expiryOf(this.choices, this.drawnAt);
    const tick = this.drawnAt + Math.max(clockMs, this.frameInterval());
    this.wakeAt(Math.min(tick, expiry ?? Number.POSITIVE_INFINITY));
    if (this.changed) this.wakeAt(this.drawnAt + this.frameInterval());
  }

  /** A big screen on a slow machine is drawn less often, not at the cost of the training. */
  private frameInterval(): number {
    return Math.min(slowestFrameMs, Math.max(quickestFrameMs, this.frameCostMs / budget));
  }

  /** Draws at this time, or before if that is planned already. */
  private wakeAt(at: number): void {
    if (this.gone || (!this.timer.closed && at >= this.timerAt)) return;
    this.timer.unsubscribe();
    this.timerAt = at;
    this.timer = this.scheduler.schedule(
      () => {
        this.timer.unsubscribe();
        this.draw();
      },
      Math.max(0, at - this.now()),
    );
  }

  /** Somebody called process.exit: the summary is left all the same. */
  private processExits = (): void => this.unmount();

  private resized = (): void => {
    this.screen.invalidate();
    // Another size may come of another font.
    if (this.pictureMode().kind === 'images') this.screen.ask(askCell);
    this.wakeAt(this.drawnAt + keyFrameMs);
  };

  private onKey = (name: string): void => {
    if (this.gone) return;
    if (this.choices.isTyping && name !== 'ctrl-c') {
      this.choices = typeKey(this.choices, name);
      this.wakeAt(this.drawnAt + keyFrameMs);
      return;
    }
    const action = actionOf(name);
    if (action === undefined) return;
    const { state } = this.keeper;
    const pressed = press(this.choices, action, {
      training: state.training.status === 'running',
      paused: state.paused,
      nowMs: this.now(),
      previews: state.previews,
      failures: state.failures.total,
      entries: { failures: state.failures.items.length, log: state.log.items.length },
      attached: this.options.attached ?? null,
    });
    if (pressed.choices.picture !== this.choices.picture) this.picturePace.hurry();
    this.choices = pressed.choices;
    this.wakeAt(this.drawnAt + keyFrameMs);
    if (pressed.command !== undefined) this.run(pressed.command);
  };

  private run(command: Command): void {
    const { commands } = this.options;
    switch (command.type) {
      case 'quit':
        commands.quit();
        break;
      case 'pause':
        commands.pause(command.paused);
        break;
      case 'train':
        commands.train();
        break;
      case 'predict-again':
        commands.predictAgain();
        break;
      case 'retry-failed':
        commands.retryFailed();
        break;
      case 'redraw':
        this.screen.invalidate();
        break;
    }
  }
}

/** Of all threads: pictures are scaled and compressed on others. */
function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * What a frame costs. On a busy machine most of a frame's time may be waiting for a core, which
 * costs nobody anything: the quick frames are believed at once, the slow ones only in number.
 */
function blend(before: number, cost: number): number {
  return before === 0 || cost < before ? cost : before + (cost - before) * 0.05;
}
