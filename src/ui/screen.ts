/** What is needed of a terminal's output; `process.stdout` is one. */
export interface TerminalOutput {
  readonly columns?: number;
  readonly rows?: number;
  /** The last write has not been taken yet. */
  readonly writableNeedDrain?: boolean;
  write(text: string): unknown;
  on(event: 'resize' | 'error', listener: () => void): unknown;
  off(event: 'resize' | 'error', listener: () => void): unknown;
}

/** Lines that lie over the frame from this place on; empty ones leave it as it is. */
export interface Overlay {
  readonly rect: { readonly x: number; readonly y: number };
  readonly lines: readonly string[];
}

const csi = '\u001b[';
/** Alternate screen, no cursor, no wrapping: a name of unexpected width is cut, not broken. */
const enter = `${csi}?1049h${csi}?25l${csi}?7l${csi}2J${csi}H`;
const leave = `${csi}?7h${csi}?25h${csi}?1049l`;
/** Terminals that know it show all of a frame at once; others ignore it. */
const beginFrame = `${csi}?2026h`;
const endFrame = `${csi}?2026l`;

/**
 * The terminal while the dashboard has it: frames go in as text, only lines that changed come
 * out, an unchanged frame writes nothing. What was on the screen before comes back however the
 * process ends, short of a SIGKILL.
 */
export class Screen {
  readonly #out: TerminalOutput;
  #shown: readonly string[] | null = null;
  #open = false;
  #dead = false;

  constructor(out: TerminalOutput) {
    this.#out = out;
  }

  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#out.on('error', this.#die);
    // An exception that nobody catches prints itself after the monitor ran: it is then readable.
    process.on('exit', this.close);
    process.on('uncaughtExceptionMonitor', this.close);
    process.on('SIGCONT', this.#reopen);
    this.#write(enter);
  }

  /** False when the terminal is too slow to take the frame now. */
  draw(frame: string, overlays: readonly Overlay[] = []): boolean {
    if (!this.#open || this.#dead) return true;
    if (this.#out.writableNeedDrain) return false;
    const lines = frame.split('\n');
    for (const { rect, lines: over } of overlays) {
      for (const [row, line] of over.entries()) {
        const y = rect.y + row;
        if (line !== '') lines[y] = `${lines[y] ?? ''}${csi}${y + 1};${rect.x + 1}H${line}`;
      }
    }
    const before = this.#shown;
    let changes = before === null ? `${csi}2J` : '';
    for (let row = 0; row < Math.max(lines.length, before?.length ?? 0); row++) {
      const line = lines[row] ?? '';
      if (before !== null && line === (before[row] ?? '')) continue;
      // Erased first: after a full line the cursor stands on its last cell, and would erase that.
      changes += `${csi}${row + 1};1H${csi}2K${line}`;
    }
    this.#shown = lines;
    if (changes !== '') this.#write(beginFrame + changes + endFrame);
    return true;
  }

  /** What is on the screen is not known any more: the next frame is written whole. */
  invalidate(): void {
    this.#shown = null;
  }

  /** Gives the terminal back as it was. Safe to call twice. */
  close = (): void => {
    if (!this.#open) return;
    this.#open = false;
    process.off('exit', this.close);
    process.off('uncaughtExceptionMonitor', this.close);
    process.off('SIGCONT', this.#reopen);
    this.#write(leave);
    // The error listener stays: a terminal that went away may say so later.
  };

  /** On the normal screen, after `close`. */
  print(lines: readonly string[]): void {
    // Whether the terminal still takes a line feed alone for a whole line break is not known.
    for (const line of lines) this.#write(`${line}\r\n`);
  }

  #reopen = (): void => {
    this.#write(enter);
    this.invalidate();
  };

  #die = (): void => {
    this.#dead = true;
  };

  #write(text: string): void {
    if (this.#dead) return;
    try {
      this.#out.write(text);
    } catch {
      this.#dead = true;
    }
  }
}
