import type { Picture } from '../../events.js';
import { isAt, type Rect } from '../layout/rect.js';
import type { Outlines } from '../layout/toned-line.js';
import type { CellSize } from './fit-picture.js';
import { imageSequence, removalSequence } from './image-escape-codes.js';
import { type PixelSize, rasterOf } from './outlined-raster.js';
import type { CellPixels, ImageProtocol } from './picture-protocol.js';

/** A picture that belongs at a place of the screen. */
export interface WantedImage {
  readonly rect: Rect;
  readonly picture: Picture;
  readonly outlines: Outlines;
}

/** A picture as the terminal takes it. */
export interface PlacedImage {
  readonly rect: Rect;
  /** Written with the cursor at the place. The same text is the same picture. */
  readonly show: string;
  /** Written when it goes; where it is empty, what is written over it does. */
  readonly remove: string;
}

/** Greys that a sequence can say in few bytes. */
const greysOf: Readonly<Record<ImageProtocol, number>> = { kitty: 48, iterm2: 48, sixel: 20 };

/** Finer pixels than these only cost bytes: of what the network sees, one is several of them. */
const fineWidth = 160;
/** Dots of the terminal to one pixel, where it does not scale: a Sixel band of six is whole pixels. */
const dotsOf = (width: number): number => Math.min(3, Math.max(1, Math.floor(width / fineWidth)));

/** An average line: what a picture costs more has to wait, for it may have to go over ssh. */
const bytesPerMs = 24;
const longestWaitMs = 3_000;

const idOf = (slot: number): number => 7301 + slot;

interface Slot {
  /** What is on the screen, until the next one is ready. */
  shown: PlacedImage | null;
  nextAt: number;
}

/**
 * Turns pictures into sequences, off the path that draws frames: a frame is drawn with what is
 * ready, and once more when more is.
 */
export class ImageEncoder {
  private readonly ready = new WeakMap<Picture, Map<string, string>>();
  private readonly slots: Slot[] = [];
  private isBusy = false;

  constructor(
    private readonly now: () => number,
    /** Processor time of the process so far. */
    private readonly cpuMs: () => number,
    /** Another picture can be drawn now; making it took so much of the processor. */
    private readonly onReady: (tookCpuMs: number) => void,
    /** None can be made: a fault of this program, but no reason to end what it looks at. */
    private readonly onBroken: () => void,
  ) {}

  /** Of these pictures the ones that are ready; in place of one that is not, the one before it. */
  place(
    wanted: readonly WantedImage[],
    protocol: ImageProtocol,
    cell: CellPixels,
  ): readonly PlacedImage[] {
    this.slots.length = wanted.length;
    return wanted.flatMap((image, index) => {
      const slot = this.slots[index] ?? { shown: null, nextAt: 0 };
      this.slots[index] = slot;
      const { picture, rect } = image;
      const size = pixelsFor(image, protocol, cell);
      const key = `${protocol} ${index} ${rect.width}x${rect.height} ${size.width}x${size.height} ${image.outlines.model} ${image.outlines.truth}`;
      const show = this.ready.get(picture)?.get(key);
      const before = slot.shown !== null && isAt(slot.shown.rect, rect) ? slot.shown : null;
      if (show === undefined) void this.make(image, size, protocol, key, index);
      if (
        show === undefined ||
        (before !== null && before.show !== show && this.now() < slot.nextAt)
      ) {
        return before === null ? [] : [before];
      }
      if (before?.show !== show) {
        slot.nextAt = this.now() + Math.min(longestWaitMs, show.length / bytesPerMs);
      }
      slot.shown = { rect, show, remove: removalSequence(protocol, idOf(index)) };
      return [slot.shown];
    });
  }

  /** One at a time: those that nobody waits for any more are never made. */
  private async make(
    { picture, outlines, rect }: WantedImage,
    { dots, ...size }: PixelSize & { readonly dots: number },
    protocol: ImageProtocol,
    key: string,
    slot: number,
  ): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    const before = this.cpuMs();
    try {
      const raster = await rasterOf(picture, size, outlines, greysOf[protocol]);
      const cells: CellSize = { columns: rect.width, rows: rect.height };
      const show = await imageSequence(protocol, raster, cells, idOf(slot), dots);
      const known = this.ready.get(picture) ?? new Map<string, string>();
      // A screen that is being resized asks for many sizes of which only the last is of use.
      if (known.size >= 4) known.clear();
      this.ready.set(picture, known.set(key, show));
    } catch {
      this.onBroken();
    } finally {
      this.isBusy = false;
    }
    this.onReady(this.cpuMs() - before);
  }
}

/** Pixels to send, and how many of the terminal's dots each is wide and high. */
function pixelsFor(
  { rect, picture }: WantedImage,
  protocol: ImageProtocol,
  cell: CellPixels,
): PixelSize & { readonly dots: number } {
  const width = rect.width * cell.width;
  const height = rect.height * cell.height;
  if (protocol === 'sixel') {
    const dots = dotsOf(width);
    // Whole bands of six, so that nothing stands out below.
    const banded = Math.max(6, height - (height % 6));
    return { width: Math.floor(width / dots), height: banded / dots, dots };
  }
  const scale = Math.min(1, Math.max(fineWidth, picture.width) / width);
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
    dots: 1,
  };
}
