import './react-production.js';
import { EventEmitter } from 'node:events';
import { render } from 'ink';
import { createElement } from 'react';
import type { Frame } from '../layout/compose-frame.js';
import { App, type AppProps } from './ink-tree.js';
import type { KeyboardStream } from './keyboard-stream.js';

/**
 * The stream that Ink writes to. In its debug mode Ink hands over each frame whole and moves no
 * cursor; what reaches the terminal of it is the screen's business. (Ink's own way of updating
 * erases and rewrites every line of every frame, and loses its place when the terminal resizes.)
 */
class InkOutput extends EventEmitter {
  /** Not a terminal itself: Ink then sends no escape codes of its own. */
  readonly isTTY = false;
  columns = 80;
  rows = 24;

  constructor(private onFrame: ((frame: string) => void) | null) {
    super();
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

// First of all imports: what React is, is decided when it loads.

export interface InkOptions extends Omit<AppProps, 'frame'> {
  readonly input: KeyboardStream;
  /** The text of a whole screen, lines joined by line feeds. */
  readonly onText: (text: string) => void;
}

/** Ink, without the terminal: frames go in, the text of the screen comes out, and keys are read. */
export class InkRenderer {
  private readonly props: Omit<AppProps, 'frame'>;
  private readonly output: InkOutput;
  private readonly ink: ReturnType<typeof render>;

  constructor(first: Frame, { input, onText, ...props }: InkOptions) {
    this.props = props;
    this.output = new InkOutput(onText);
    this.ink = render(this.tree(first), {
      // Ink asks of its streams only what these have.
      stdout: this.output as unknown as NodeJS.WriteStream,
      stdin: input as unknown as NodeJS.ReadStream,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
  }

  draw(frame: Frame): void {
    this.ink.rerender(this.tree(frame));
  }

  /** No text comes any more. */
  close(): void {
    this.output.close();
    this.ink.unmount();
  }

  private tree(frame: Frame) {
    this.output.columns = frame.width;
    this.output.rows = frame.height + 1;
    return createElement(App, { frame, ...this.props });
  }
}
