import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** Runs the built program with --json in a folder, whose nerveflow.config.json counts, and hands on its events. */
export async function hearProgram(args, hear, cwd = process.cwd()) {
  const child = spawn(process.execPath, [cli, ...args, '--json'], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => hear(JSON.parse(line)));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`nerveflow ${args[0]} ended with ${code}`);
}
