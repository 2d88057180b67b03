import { execFileSync } from 'node:child_process';
import { describe } from 'vitest';

/** Debian's: others may lack the packages that scripts/debian-packages.mjs installs. */
const interpreter = '/usr/bin/python3';

/** Skips where the foreign programs are not there, unless NERVEFLOW_EXPECT_READERS says that they must be. */
export function describeWithReaders(name: string, tests: () => void): void {
  const isSkipped = !process.env.NERVEFLOW_EXPECT_READERS && !areThere();
  describe.skipIf(isSkipped)(name, tests);
}

/** Runs a script, which prints one JSON. */
export function python(script: string, ...args: string[]): unknown {
  return JSON.parse(runReader(interpreter, ['-c', script, ...args]));
}

/** What a program prints, on both of its streams. */
export function runReader(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
}

function areThere(): boolean {
  try {
    runReader(interpreter, ['-c', 'import numpy, PIL, nibabel, h5py']);
    runReader('dcmdump', ['--version']);
    runReader('sh', ['-c', 'command -v dciodvfy']);
    return true;
  } catch {
    return false;
  }
}
