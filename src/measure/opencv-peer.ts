import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { fail, ok, type Result } from '../operators/result.js';
import { secondsToRun } from './seconds-to-run.js';

const script = fileURLToPath(new URL('../../bench/peers/ingest_cv2.py', import.meta.url));
/** Debian's Python first: that is where python3-opencv goes, whatever else is on the path. */
const pythons = ['/usr/bin/python3', 'python3'];

const roundSchema = z.object({ filesPerSecond: z.number() });

/** OpenCV in two Python processes, started once, then timed whenever asked. */
export class OpencvPeer {
  private readonly answers: AsyncIterator<string>;

  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly python: string,
    private readonly args: readonly string[],
    /** Of OpenCV. */
    readonly version: string,
  ) {
    // Gone, it answers nothing more, and that is told then.
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    this.answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Fails with what is missing and how to get it. */
  static async start(
    folder: string,
    size: string,
    candidates: readonly string[] = pythons,
  ): Promise<Result<OpencvPeer>> {
    if (!existsSync(script)) {
      return fail('NO_PEER', 'not compared: bench/peers comes with the source only');
    }
    for (const python of candidates) {
      const version = await versionOf(python);
      if (version === null) continue;
      const args = [script, folder, '--size', size];
      const child = spawn(python, [...args, '--rounds', '0'], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      return ok(new OpencvPeer(child, python, args, version));
    }
    return fail(
      'NO_PEER',
      'not compared: Python has no OpenCV here (apt-get install python3-opencv)',
    );
  }

  /** Of one round over the folder; undefined when it has gone. */
  async filesPerSecond(): Promise<number | undefined> {
    this.child.stdin.write('go\n');
    const { value, done } = await this.answers.next();
    return done ? undefined : roundSchema.parse(JSON.parse(value)).filesPerSecond;
  }

  /** Of one round by processes that are started for it, in seconds, until they have ended. */
  async secondsFromStart(): Promise<number> {
    return await secondsToRun(this.python, [...this.args, '--rounds', '1'], tmpdir());
  }

  end(): void {
    this.child.stdin.end();
  }
}

async function versionOf(python: string): Promise<string | null> {
  const asked = promisify(execFile)(python, ['-c', 'import cv2, numpy; print(cv2.__version__)']);
  return await asked.then(
    ({ stdout }) => `OpenCV ${stdout.trim()}`,
    () => null,
  );
}
