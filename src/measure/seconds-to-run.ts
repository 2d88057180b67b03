import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** From a program's start to its end, in seconds. Rejects when it cannot be started or fails. */
export async function secondsToRun(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<number> {
  const started = performance.now();
  const [code] = (await once(spawn(command, args, { cwd, stdio: 'ignore' }), 'exit')) as [
    number | null,
  ];
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
  return (performance.now() - started) / 1000;
}
