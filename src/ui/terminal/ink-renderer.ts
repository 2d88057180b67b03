// First of all imports: what React is, is decided when it loads.
import './react-production.js';
import { render } from 'ink';
import { createElement } from 'react';
import type { Frame } from '../layout/compose-frame.js';
import { InkOutput } from './ink-output.js';
import { App, type AppProps } from './ink-tree.js';
import type { KeyboardStream } from './keyboard-stream.js';

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
