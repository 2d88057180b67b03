import type { PlacedImage } from './image-keeper.js';
import { isAt, type Rect } from './layout.js';

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

/** Painted lines, none wider than their place. No two blocks have a cell in common. */
export interface Block {
  readonly rect: Rect;
  readonly lines: readonly string[];
}

const csi = '\u001b[';
/** Alternate screen, no cursor, no wrapping: a name of unexpected width is cut, not broken. */
const enter = `${csi}?1049h${csi}?25l${csi}?7l${csi}2J${csi}H`;
const leave = `${csi}?7h${csi}?25h${csi}?1049l`;
/** Terminals that know it show all of a frame at once; others ignore it. */
const beginFrame = `${csi}?2026h`;
const endFrame = `${csi}?2026l`;

/** What a line of a block shows, and where on its row. */
interface Segment {
  readonly x: number;
  readonly width: number;
  readonly line: string;
}

/**
 * The terminal while the dashboard has it: frames go in as blocks, only those of their lines that
 * changed come out, an unchanged frame writes nothing. What was on the screen before comes back however the
 * process ends, short of a SIGKILL.
 */
export class Screen {
  readonly #out: TerminalOutput;
  #shown: readonly (readonly Segment[])[] | null = null;
  #images: readonly PlacedImage[] = [];
  #open = false;
  #dead = false;

  constructor(out: TerminalOutput) {
    this.#out = out;
  }

  /** `question`: what the terminal is asked of itself. Should it print that, the first frame wipes it. */
  open(question = ''): void {
    if (this.#open) return;
    this.#open = true;
    this.#out.on('error', this.#die);
    // An exception that nobody catches prints itself after the monitor ran: it is then readable.
    process.on('exit', this.close);
    process.on('uncaughtExceptionMonitor', this.close);
    process.on('SIGCONT', this.#reopen);
    this.#write(enter + question);
  }

  ask(question: string): void {
    if (this.#open) this.#write(question);
  }

  /** False when the terminal is too slow to take the frame now. */
  draw(blocks: readonly Block[], images: readonly PlacedImage[] = []): boolean {
    if (!this.#open || this.#dead) return true;
    if (this.#out.writableNeedDrain) return false;
    const rows = segmentsOf(blocks);
    const before = this.#shown;
    const { gone, fresh, wiped } = this.#compare(images, before === null);
    let changes = before === null ? `${csi}2J` : '';
    for (const { remove } of gone) changes += remove;
    for (let row = 0; row < Math.max(rows.length, before?.length ?? 0); row++) {
      const segments = rows[row] ?? [];
      const old = before?.[row] ?? [];
      if (before === null || wiped.has(row) || !areSamePlaces(segments, old)) {
        const erase = wiped.has(row) ? `${csi}2K` : erasing(row, images);
        const filled = segments.filter(({ line }) => line !== '');
        if (before === null && filled.length === 0) continue;
        changes += `${csi}${row + 1};1H${before === null ? '' : erase}`;
        for (const { x, line } of filled) changes += `${csi}${x + 1}G${line}`;
        continue;
      }
      for (const [index, { x, width, line }] of segments.entries()) {
        if (line === old[index]?.line) continue;
        changes += `${csi}${row + 1};${x + 1}H${erasing(row, images, x, width)}${line}`;
      }
    }
    for (const { rect, show } of fresh) changes += `${csi}${rect.y + 1};${rect.x + 1}H${show}`;
    this.#shown = rows;
    this.#images = images;
    if (changes !== '') this.#write(beginFrame + changes + endFrame);
    return true;
  }

  /** Which images go, which have to be sent, and the rows to write anew because of that. */
  #compare(images: readonly PlacedImage[], isAll: boolean) {
    const before = this.#images;
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
    this.#shown = null;
  }

  /** Gives the terminal back as it was. Safe to call twice. */
  close = (): void => {
    if (!this.#open) return;
    this.#open = false;
    process.off('exit', this.close);
    process.off('uncaughtExceptionMonitor', this.close);
    process.off('SIGCONT', this.#reopen);
    this.#write(this.#images.map(({ remove }) => remove).join('') + leave);
    this.#images = [];
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

/** By rows of the screen, from left to right. */
function segmentsOf(blocks: readonly Block[]): Segment[][] {
  const rows: Segment[][] = [];
  for (const { rect, lines } of [...blocks].sort((a, b) => a.rect.x - b.rect.x)) {
    const { x, width } = rect;
    for (let row = 0; row < rect.height; row++) {
      const line = lines[row] ?? '';
      const segments = rows[rect.y + row];
      if (segments === undefined) rows[rect.y + row] = [{ x, width, line }];
      else segments.push({ x, width, line });
    }
  }
  return rows;
}

function areSamePlaces(a: readonly Segment[], b: readonly Segment[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ x, width }, index) => x === b[index]?.x && width === b[index]?.width)
  );
}

/**
 * Erases cells of a row from the cursor at `x` on, before they are written: after a full line the
 * cursor would stand on its last cell, and erase that. Nothing stands to the right of an image, and
 * what is erased under one is gone.
 */
function erasing(
  row: number,
  images: readonly PlacedImage[],
  x = 0,
  width = Number.POSITIVE_INFINITY,
): string {
  const left = images
    .filter(({ rect }) => row >= rect.y && row < rect.y + rect.height && rect.x >= x)
    .map(({ rect }) => rect.x - x);
  const cells = Math.min(width, ...left);
  if (cells === Number.POSITIVE_INFINITY) return `${csi}2K`;
  return cells <= 0 ? '' : `${csi}${cells}X`;
}

function rowsOf({ y, height }: Rect): number[] {
  return Array.from({ length: height }, (_, row) => y + row);
}
