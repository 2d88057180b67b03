import { ImageEncoder, type PlacedImage, type WantedImage } from '../pictures/image-encoder.js';
import { PicturePace } from '../pictures/picture-pace.js';
import {
  learn,
  nothingAsked,
  type PictureMode,
  type PictureWish,
  pictureModeOf,
} from '../pictures/picture-protocol.js';
import type { Previews } from '../state/previews.js';
import type { TerminalAnswer } from '../terminal/terminal-answers.js';

export interface PictureDisplayOptions {
  readonly wish: PictureWish;
  readonly now: () => number;
  /** Processor time of the process so far. */
  readonly cpuMs: () => number;
  /** An image can be drawn now that could not before. */
  readonly onReady: () => void;
}

/** How this terminal shows pictures, which ones may be shown now, and the images that are ready. */
export class PictureDisplay {
  private wish: PictureWish;
  private asked = nothingAsked;
  private wanted: readonly WantedImage[] = [];
  private readonly pace = new PicturePace();
  private readonly encoder: ImageEncoder;

  constructor({ wish, now, cpuMs, onReady }: PictureDisplayOptions) {
    this.wish = wish;
    this.encoder = new ImageEncoder(
      now,
      cpuMs,
      (tookCpuMs) => {
        this.pace.learnCost(tookCpuMs);
        onReady();
      },
      () => {
        this.wish = 'blocks';
      },
    );
  }

  get mode(): PictureMode {
    return pictureModeOf(this.wish, this.asked);
  }

  learn(answer: TerminalAnswer): void {
    this.asked = learn(this.asked, answer);
  }

  /** Of these pictures those that may be shown now. */
  at(previews: Previews, nowMs: number): Previews {
    return this.pace.at(previews, nowMs);
  }

  /** Somebody asked for another picture. */
  hurry(): void {
    this.pace.hurry();
  }

  /** The images of the next frame. */
  want(images: readonly WantedImage[]): void {
    this.wanted = images;
  }

  /** Those of them that are ready. */
  ready(): readonly PlacedImage[] {
    const { mode } = this;
    return mode.kind === 'images' ? this.encoder.place(this.wanted, mode.protocol, mode.cell) : [];
  }
}
