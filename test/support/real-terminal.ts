import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { expect, vi } from 'vitest';

/** A program, Node where none is named, at a real pseudo-terminal, and what a person sees there. */
export class RealTerminal {
  readonly emulator: xterm.Terminal;
  readonly pty: IPty;
  readonly ended: Promise<{ exitCode: number; signal?: number }>;

  constructor(columns: number, rows: number, args: readonly string[], program = process.execPath) {
    this.emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.emulator.write('$ nerveflow\r\n');
    const { CI: _, CONTINUOUS_INTEGRATION: _2, NO_COLOR: _3, NODE_ENV: _4, ...env } = process.env;
    this.pty = spawn(program, [...args], {
      cols: columns,
      rows,
      env: { ...env, TERM: 'xterm-256color', COLORTERM: 'truecolor' },
    });
    this.pty.onData((data) => this.emulator.write(data));
    this.emulator.onData((answer) => this.pty.write(answer));
    this.ended = new Promise((resolve) => {
      this.pty.onExit((end) => resolve(end as { exitCode: number; signal?: number }));
    });
  }

  async screen(): Promise<string> {
    await new Promise<void>((resolve) => this.emulator.write('', resolve));
    const { active } = this.emulator.buffer;
    return Array.from({ length: this.emulator.rows }, (_, row) =>
      active.getLine(active.baseY + row)?.translateToString(true),
    ).join('\n');
  }

  async shows(text: string | RegExp, timeout = 10_000): Promise<void> {
    await vi.waitFor(async () => expect(await this.screen()).toMatch(text), {
      timeout,
      interval: 20,
    });
  }

  get onAlternateScreen(): boolean {
    return this.emulator.buffer.active.type === 'alternate';
  }

  resize(columns: number, rows: number): void {
    this.emulator.resize(columns, rows);
    this.pty.resize(columns, rows);
  }
}
