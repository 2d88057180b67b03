import { EventEmitter } from 'node:events';

/**
 * The stream that Ink writes to. In its debug mode Ink hands over each frame whole and moves no
 * cursor; what reaches the terminal of it is the screen's business. (Ink's own way of updating
 * erases and rewrites every line of every frame, and loses its place when the terminal resizes.)
 */
export class InkOutput extends EventEmitter {
  /** Not a terminal itself: Ink then sends no escape codes of its own. */
  readonly isTTY = false;
  columns = 80;
  rows = 24;
  private onFrame: ((frame: string) => void) | null;

  constructor(onFrame: (frame: string) => void) {
    super();
    this.onFrame = onFrame;
  }

  write = (frame: string): boolean => {
    this.onFrame?.(frame);
    return true;
  };

  /** Ink renders once more while it unmounts; nobody wants that frame. */
  close(): void {
    this.onFrame = null;
  }
}
