import { EventEmitter } from 'node:events';
import { type SchedulerLike, Subscription } from 'rxjs';
import { separateInput, type TerminalAnswer } from './terminal-answers.js';

/** An answer that stops in the middle for this long is no answer. */
const pieceMs = 50;
/** A terminal that said nothing for this long will not. */
const patienceMs = 30_000;

/**
 * The keyboard as Ink reads it, without what the terminal answers: those letters would be taken
 * for keys.
 */
export class KeyboardStream extends EventEmitter {
  readonly isTTY: boolean;
  /** An answer is due: an escape may be the beginning of it. */
  private isAwaited = false;
  private held = '';
  private keys: string[] = [];
  private timer = Subscription.EMPTY;
  private patience = Subscription.EMPTY;

  constructor(
    private readonly source: NodeJS.ReadStream,
    private readonly scheduler: SchedulerLike,
    private readonly onAnswer: (answer: TerminalAnswer) => void,
  ) {
    super();
    this.isTTY = source.isTTY === true;
    this.on('newListener', (event) => {
      if (event === 'readable' && this.listenerCount(event) === 0) source.on(event, this.take);
    });
    this.on('removeListener', (event) => {
      if (event === 'readable' && this.listenerCount(event) === 0) source.off(event, this.take);
    });
  }

  /** The terminal was asked. */
  expectAnswer(): void {
    this.isAwaited = true;
    this.patience = this.scheduler.schedule(() => {
      this.isAwaited = false;
    }, patienceMs);
  }

  read(): string | null {
    return this.keys.shift() ?? null;
  }

  setRawMode(isRaw: boolean): void {
    this.source.setRawMode(isRaw);
  }

  setEncoding(encoding: BufferEncoding): void {
    this.source.setEncoding(encoding);
  }

  ref(): void {
    this.source.ref();
  }

  unref(): void {
    this.source.unref();
    this.timer.unsubscribe();
    this.patience.unsubscribe();
  }

  private take = (): void => {
    for (let chunk = this.source.read(); chunk !== null; chunk = this.source.read()) {
      const { keys, answers, rest } = separateInput(this.held + String(chunk), this.isAwaited);
      this.held = rest;
      for (const answer of answers) {
        if (answer.type === 'attributes') this.isAwaited = false;
        this.onAnswer(answer);
      }
      this.pass(keys);
    }
    this.timer.unsubscribe();
    if (this.held === '') return;
    this.timer = this.scheduler.schedule(() => {
      const keys = this.held;
      this.held = '';
      this.pass(keys);
    }, pieceMs);
  };

  private pass(keys: string): void {
    if (keys === '') return;
    this.keys.push(keys);
    this.emit('readable');
  }
}
