#!/usr/bin/env node
import { isOutOfFileHandles, tooFewFileHandles } from './system/file-handle-limit.js';

/** Nothing else is imported here: loading the rest takes more handles than a low limit leaves. */
const tooFew = tooFewFileHandles();
if (tooFew !== null) {
  refuse(tooFew);
} else {
  try {
    const { runCommand } = await import('./commands/run-command.js');
    await runCommand();
  } catch (error) {
    if (!isOutOfFileHandles(error)) throw error;
    refuse('there are no file handles left (ulimit -n for this process, fs.file-max for all)');
  }
}

function refuse(why: string): void {
  console.error(`nerveflow: ${why}`);
  process.exitCode = 1;
}
