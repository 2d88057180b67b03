import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PipelineEvent } from '../../src/events.js';

/** The built program; `npm test` builds it first. */
export const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

type EventOf<T extends PipelineEvent['type']> = Extract<PipelineEvent, { type: T }>;

/** The real program as a child process, its `--json` events as they come. */
export class Program {
  readonly events: PipelineEvent[] = [];
  stderr = '';
  readonly exited: Promise<number | null>;
  private readonly child: ChildProcess;
  private readonly waiting = new Set<() => void>();
  private isOver = false;

  /** @param before a command that runs the program, e.g. `unshare`, `-n` */
  constructor(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    folder = process.cwd(),
    before: readonly string[] = [],
  ) {
    const [command, ...all] = [...before, process.execPath, cli, ...args] as [string, ...string[]];
    this.child = spawn(command, all, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      cwd: folder,
    });
    this.child.stderr!.on('data', (text) => {
      this.stderr += text;
    });
    const lines = createInterface({ input: this.child.stdout! });
    lines.on('line', (line) => {
      this.events.push(JSON.parse(line) as PipelineEvent);
      this.look();
    });
    this.exited = new Promise((resolve) => {
      this.child.on('close', (code) => {
        this.isOver = true;
        this.look();
        resolve(code);
      });
    });
  }

  /** None when it did not start. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Resolves with the first event of a type, from index `from` on, that `is` right; asks of each once. */
  async next<T extends PipelineEvent['type']>(
    type: T,
    from = 0,
    is: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    return await new Promise((resolve, reject) => {
      let at = from;
      const check = () => {
        for (; at < this.events.length; at++) {
          const event = this.events[at]!;
          if (event.type !== type || !is(event as EventOf<T>)) continue;
          this.waiting.delete(check);
          resolve(event as EventOf<T>);
          return;
        }
        if (!this.isOver) return;
        this.waiting.delete(check);
        reject(new Error(`ended without ${type}: ${this.stderr}`));
      };
      this.waiting.add(check);
      check();
    });
  }

  /** Events of one type, from index `from` on. */
  all<T extends PipelineEvent['type']>(type: T, from = 0): EventOf<T>[] {
    return this.events.slice(from).filter((event): event is EventOf<T> => event.type === type);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  private look(): void {
    for (const check of [...this.waiting]) check();
  }
}

/** Runs the program to its end. */
export async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; program: Program }> {
  const program = new Program(args, env);
  const code = await program.exited;
  return { code, program };
}
