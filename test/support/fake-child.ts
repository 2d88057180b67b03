import { EventEmitter } from 'node:events';
import type { BackendCandidate, CandidateName } from '../../src/compute/backends/candidate.js';
import type { Child, ChildExit, StartChild } from '../../src/compute/parent/start-child.js';
import type { FromCompute, ToCompute } from '../../src/compute/protocol.js';

/** A compute process of the test's: it says what it is told to say, and notes what it hears. */
export class FakeChild implements Child {
  readonly heard: ToCompute[] = [];
  readonly exited: Promise<ChildExit>;
  killed = false;
  private readonly emitter = new EventEmitter();
  private exit!: (exit: ChildExit) => void;

  constructor(private readonly onHeard: (message: ToCompute, child: FakeChild) => void) {
    this.exited = new Promise((resolve) => {
      this.exit = resolve;
    });
  }

  send(message: ToCompute): void {
    this.heard.push(message);
    // Not at once: messages between processes never are.
    queueMicrotask(() => this.onHeard(message, this));
  }

  onMessage(listener: (message: FromCompute) => void): void {
    this.emitter.on('message', listener);
  }

  say(message: FromCompute): void {
    this.emitter.emit('message', message);
  }

  die(how = 'killed by SIGSEGV', lastWords = ''): void {
    this.exit({ how, lastWords });
  }

  kill(): void {
    this.killed = true;
    this.die('killed by SIGKILL');
  }

  /** The last message of a type that it heard. */
  last<Type extends ToCompute['type']>(type: Type): Extract<ToCompute, { type: Type }> | undefined {
    return this.heard.findLast((message) => message.type === type) as
      | Extract<ToCompute, { type: Type }>
      | undefined;
  }
}

export const ready: FromCompute = {
  type: 'ready',
  info: { backend: 'wasm', device: 'test', threads: 1, precision: 'float32' },
  version: '1',
};

/** Starts fake children; `answer` is what each does with a message besides getting ready. */
export function fakeChildren(answer: (message: ToCompute, child: FakeChild) => void = () => {}): {
  readonly children: FakeChild[];
  readonly start: StartChild;
} {
  const children: FakeChild[] = [];
  return {
    children,
    start: () => {
      const child = new FakeChild((message) => {
        if (message.type === 'start') child.say(ready);
        else if (message.type === 'close') child.die('ended with code 0');
        else answer(message, child);
      });
      children.push(child);
      return child;
    },
  };
}

export function fakeCandidate(
  name: CandidateName,
  changes: Partial<BackendCandidate> = {},
): BackendCandidate {
  return {
    name,
    backend: name === 'tensorflow-gpu' || name === 'tensorflow-cpu' ? 'tensorflow' : name,
    hangAfterMs: 10_000,
    availability: () => ({ usable: true }),
    environment: () => ({}),
    load: () => Promise.reject(new Error('never called here')),
    ...changes,
  };
}
