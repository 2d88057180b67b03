import { isAt, type Rect } from '../layout/rect.js';
import type { PlacedImage } from '../pictures/image-encoder.js';

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
export class AlternateScreen {
  private shown: readonly string[] | null = null;
  private images: readonly PlacedImage[] = [];
  private isShown = false;
  private dead = false;

  constructor(private readonly out: TerminalOutput) {}

  /** `question`: what the terminal is asked of itself. Should it print that, the first frame wipes it. */
  open(question = ''): void {
    if (this.isShown) return;
    this.isShown = true;
    this.invalidate();
    this.out.on('error', this.die);
    // An exception that nobody catches prints itself after the monitor ran: it is then readable.
    process.on('exit', this.close);
    process.on('uncaughtExceptionMonitor', this.close);
    this.write(enter + question);
  }

  ask(question: string): void {
    if (this.isShown) this.write(question);
  }

  /** False when the terminal is too slow to take the frame now. */
  draw(
    frame: string,
    overlays: readonly Overlay[] = [],
    images: readonly PlacedImage[] = [],
  ): boolean {
    if (!this.isShown || this.dead) return true;
    if (this.out.writableNeedDrain) return false;
    const lines = frame.split('\n');
    for (const { rect, lines: over } of overlays) {
      for (const [row, line] of over.entries()) {
        const y = rect.y + row;
        if (line !== '') lines[y] = `${lines[y] ?? ''}${csi}${y + 1};${rect.x + 1}H${line}`;
      }
    }
    const before = this.shown;
    const { gone, fresh, wiped } = this.compare(images, before === null);
    let changes = before === null ? `${csi}2J` : '';
    for (const { remove } of gone) changes += remove;
    for (let row = 0; row < Math.max(lines.length, before?.length ?? 0); row++) {
      const line = lines[row] ?? '';
      if (before !== null && line === (before[row] ?? '') && !wiped.has(row)) continue;
      // Erased first: after a full line the cursor stands on its last cell, and would erase that.
      changes += `${csi}${row + 1};1H${wiped.has(row) ? `${csi}2K` : erasing(row, images)}${line}`;
    }
    for (const { rect, show } of fresh) changes += `${csi}${rect.y + 1};${rect.x + 1}H${show}`;
    this.shown = lines;
    this.images = images;
    if (changes !== '') this.write(beginFrame + changes + endFrame);
    return true;
  }

  /** Which images go, which have to be sent, and the rows to write anew because of that. */
  private compare(images: readonly PlacedImage[], isAll: boolean) {
    const before = this.images;
    const gone = before.filter(
      (image) =>
        !images.some(({ rect, remove }) => isAt(image.rect, rect) && remove === image.remove),
    );
    const come = images.filter(({ rect }) => !before.some((image) => isAt(image.rect, rect)));
    // Where one comes or goes, all of its rows are written anew, and what else stands in them.
    const wiped = new Set([...gone, ...come].flatMap(({ rect }) => rowsOf(rect)));
    const fresh = images.filter(
      ({ rect, show }) =>
        isAll ||
        rowsOf(rect).some((row) => wiped.has(row)) ||
        !before.some((image) => isAt(image.rect, rect) && image.show === show),
    );
    return { gone, fresh, wiped };
  }

  /** What is on the screen is not known any more: the next frame is written whole. */
  invalidate(): void {
    this.shown = null;
  }

  /** Gives the terminal back as it was; it may be opened again. Safe to call twice. */
  close = (): void => {
    if (!this.isShown) return;
    this.isShown = false;
    process.off('exit', this.close);
    process.off('uncaughtExceptionMonitor', this.close);
    this.write(this.images.map(({ remove }) => remove).join('') + leave);
    this.images = [];
    // The error listener stays: a terminal that went away may say so later.
  };

  /** On the normal screen, after `close`. */
  print(lines: readonly string[]): void {
    // Whether the terminal still takes a line feed alone for a whole line break is not known.
    for (const line of lines) this.write(`${line}\r\n`);
  }

  private die = (): void => {
    this.dead = true;
  };

  private write(text: string): void {
    if (this.dead) return;
    try {
      this.out.write(text);
    } catch {
      this.dead = true;
    }
  }
}

/** Nothing stands to the right of an image, and what is erased under one is gone. */
function erasing(row: number, images: readonly PlacedImage[]): string {
  const left = images
    .filter(({ rect }) => row >= rect.y && row < rect.y + rect.height)
    .map(({ rect }) => rect.x);
  if (left.length === 0) return `${csi}2K`;
  const cells = Math.min(...left);
  return cells === 0 ? '' : `${csi}${cells}X`;
}

function rowsOf({ y, height }: Rect): number[] {
  return Array.from({ length: height }, (_, row) => y + row);
}
