import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromCompute, ToCompute } from '../protocol.js';

/** The parent's end of one compute process; tests put a fake here. */
export interface Child {
  send(message: ToCompute): void;
  /** Nothing is emitted after `exited` settles. */
  onMessage(listener: (message: FromCompute) => void): void;
  /** Resolves, never rejects, with how it ended: for people, its last words included. */
  readonly exited: Promise<ChildExit>;
  /** At once and for good. */
  kill(): void;
}

export interface ChildExit {
  /** For people, e.g. `killed by SIGSEGV`. */
  readonly how: string;
  /** Its last lines on stderr, or ''. */
  readonly lastWords: string;
}

export type StartChild = (environment: Readonly<Record<string, string>>) => Child;

const wordsKept = 4000;
const linesKept = 12;

/** Compiled beside this file. */
export const processModule = fileURLToPath(new URL('../child/main.js', import.meta.url));

/** Starts a real compute process. Its stdout is dropped and its stderr kept for its last words. */
export function startChild(
  environment: Readonly<Record<string, string>>,
  module: string = processModule,
): Child {
  const child = fork(module, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ...environment },
    // Not the parent's: an inspector's port, say, can be opened only once.
    execArgv: [],
  });
  let words = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-wordsKept);
  });
  return {
    send(message) {
      // The callback takes EPIPE and the like: that the child is gone shows in `exited`.
      if (child.connected) child.send(message, () => {});
    },
    onMessage: (listener) => void child.on('message', listener as (message: unknown) => void),
    exited: exitOf(child, () => lastLines(words)),
    kill: () => void child.kill('SIGKILL'),
  };
}

function exitOf(child: ChildProcess, lastWords: () => string): Promise<ChildExit> {
  return new Promise((resolve) => {
    // 'close', not 'exit': by then stderr has been read to its end.
    child.on('close', (code, signal) => {
      const how = signal ? `killed by ${signal}` : `ended with code ${code}`;
      resolve({ how, lastWords: lastWords() });
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      // Not started at all: no 'close' will follow. Errors of sending are followed by one.
      if (child.pid === undefined)
        resolve({ how: `did not start: ${error.message}`, lastWords: '' });
    });
  });
}

function lastLines(text: string): string {
  return (
    text
      .split('\n')
      .filter((line) => line.trim() !== '' && !isBanner(line) && !isWhere(line))
      // Where an error that is printed has fields, an object begins.
      .map((line) => line.replace(/ \{$/, ''))
      .slice(-linesKept)
      .join('\n')
  );
}

/** Lines that tell where in the source an error was thrown: no news to who runs the program. */
function isWhere(line: string): boolean {
  return /^\s+at |^(file|node):.*:\d+$|^\s*\^+$|^Node\.js v\d|^\}$|^ {2}\[?\w+\]?: /.test(line);
}

/** TensorFlow.js' advice to install tfjs-node, which says nothing of a failure. */
function isBanner(line: string): boolean {
  return /^=+$|looks like you are running TensorFlow\.js in Node/.test(line.trim());
}
