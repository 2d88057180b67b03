import { EventEmitter } from 'node:events';
import xterm from '@xterm/headless';
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { vi } from 'vitest';
import type { PipelineEvent } from '../../src/events.js';
import {
  type Dashboard,
  type DashboardOptions,
  renderDashboard,
} from '../../src/ui/dashboard/dashboard.js';
import type { TerminalOutput } from '../../src/ui/terminal/alternate-screen.js';

/** A terminal that a person could sit at: what is written goes through a real emulator. */
export class Terminal extends EventEmitter implements TerminalOutput {
  readonly emulator: xterm.Terminal;
  readonly writes: string[] = [];
  writableNeedDrain = false;
  /** Takes what it answers when it is asked. */
  onAnswer: (text: string) => void = () => {};

  constructor(
    public columns: number,
    public rows: number,
  ) {
    super();
    this.emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.emulator.onData((answer) => this.onAnswer(answer));
  }

  write(text: string): boolean {
    this.writes.push(text);
    this.emulator.write(text);
    return true;
  }

  resizeTo(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.emulator.resize(columns, rows);
    this.emit('resize');
  }

  /** The rows that are visible now, without blanks at their ends. */
  async screen(): Promise<string[]> {
    await this.settled();
    const { active } = this.emulator.buffer;
    return Array.from({ length: this.rows }, (_, row) => {
      const line = active.getLine(active.baseY + row);
      if (line?.isWrapped) throw new Error(`row ${row} wrapped`);
      return line?.translateToString(true) ?? '';
    });
  }

  async text(): Promise<string> {
    return (await this.screen()).join('\n');
  }

  /** Column at which a text starts on the first row that has it; wide characters count two. */
  async columnOf(text: string): Promise<number> {
    await this.settled();
    const { active } = this.emulator.buffer;
    for (let row = 0; row < this.rows; row++) {
      const line = active.getLine(active.baseY + row);
      for (let column = 0; column < this.columns; column++) {
        if (line?.translateToString(true, column).startsWith(text)) return column;
      }
    }
    return -1;
  }

  /** Whether any visible cell has a colour of its own. */
  async coloured(): Promise<boolean> {
    await this.settled();
    const { active } = this.emulator.buffer;
    for (let row = 0; row < this.rows; row++) {
      for (let column = 0; column < this.columns; column++) {
        const cell = active.getLine(active.baseY + row)?.getCell(column);
        if (cell !== undefined && !(cell.isFgDefault() && cell.isBgDefault())) return true;
      }
    }
    return false;
  }

  async onAlternateScreen(): Promise<boolean> {
    await this.settled();
    return this.emulator.buffer.active.type === 'alternate';
  }

  protected settled(): Promise<void> {
    return new Promise((resolve) => this.emulator.write('', resolve));
  }
}

/** A keyboard in the way Ink reads one. */
export class Keyboard extends EventEmitter {
  raw = false;
  private typed: string[] = [];

  constructor(readonly isTTY = true) {
    super();
  }

  type(text: string): void {
    this.typed.push(text);
    this.emit('readable');
  }

  read(): string | null {
    return this.typed.shift() ?? null;
  }

  setRawMode(raw: boolean): void {
    this.raw = raw;
  }

  setEncoding(): void {}
  ref(): void {}
  unref(): void {}
}

export const t0 = Date.UTC(2026, 2, 4, 12, 0, 0);

/** A dashboard at a terminal, in a time that only moves when told to. */
export function openDashboard(
  columns = 120,
  rows = 40,
  over: Partial<Pick<DashboardOptions, 'env' | 'ascii' | 'pictures'>> & {
    keyboard?: boolean;
    terminal?: Terminal;
  } = {},
) {
  const terminal = over.terminal ?? new Terminal(columns, rows);
  const keyboard = new Keyboard(over.keyboard ?? true);
  terminal.onAnswer = (text) => keyboard.type(text);
  const events = new Subject<PipelineEvent>();
  const scheduler = new VirtualTimeScheduler();
  let skipped = 0;
  const commands = {
    quit: vi.fn(),
    pause: vi.fn(),
    train: vi.fn(),
    predictAgain: vi.fn(),
    retryFailed: vi.fn(),
  };
  const dashboard: Dashboard = renderDashboard({
    events,
    stdout: terminal,
    stdin: keyboard as unknown as NodeJS.ReadStream,
    commands,
    env: over.env ?? { TERM: 'xterm-256color' },
    ...(over.ascii === undefined ? {} : { ascii: over.ascii }),
    ...(over.pictures === undefined ? {} : { pictures: over.pictures }),
    scheduler,
    now: () => t0 + skipped + scheduler.now(),
  });
  /** Lets time pass, and every frame that is due be drawn. */
  const pass = (ms: number): void => {
    const until = scheduler.frame + ms;
    scheduler.maxFrames = until;
    scheduler.flush();
    scheduler.frame = until;
  };
  return {
    terminal,
    keyboard,
    events,
    commands,
    dashboard,
    pass,
    /** The clock jumps ahead; no frame is drawn in between. */
    skip(ms: number): void {
      skipped += ms;
      pass(2_000);
    },
    /** Sends events `apartMs` after one another and lets the screen follow. */
    send(all: readonly PipelineEvent[], apartMs = 0): void {
      for (const event of all) {
        events.next(event);
        if (apartMs > 0) pass(apartMs);
      }
      pass(2_000);
    },
    async press(...keys: string[]): Promise<void> {
      for (const key of keys) {
        keyboard.type(key);
        // A lone escape is told from the start of a sequence on the next tick.
        await new Promise((resolve) => setImmediate(resolve));
        pass(150);
      }
    },
  };
}

export const pressed = {
  esc: '\u001b',
  ctrlC: '\u0003',
  ctrlL: '\u000c',
  tab: '\t',
  shiftTab: '\u001b[Z',
  up: '\u001b[A',
  right: '\u001b[C',
  enter: '\r',
};
