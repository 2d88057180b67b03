import { CommanderError } from 'commander';
import { collectGarbageOften } from '../system/gc-tuning.js';
import { allCommands } from './all-commands.js';
import { makeProgram } from './command-line.js';
import { exitCode } from './exit-code.js';
import { explainFailure } from './explain-failure.js';

/** Runs the command that was typed; what comes of it is the process's exit code. */
export async function runCommandLine(): Promise<void> {
  // Not before: loading the program leaves little garbage and would take longer.
  collectGarbageOften();
  const program = makeProgram(allCommands, (code) => {
    process.exitCode = code;
  });
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** One line on stderr for whatever a person did; a stack trace only for a bug of ours. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has said it already.
    return error.exitCode === 0 ? exitCode.done : exitCode.badUsage;
  }
  const expected = explainFailure(error);
  if (expected === null) {
    console.error('nerveflow: this is a bug in nerveflow, please report it:', error);
    return exitCode.failed;
  }
  console.error(`nerveflow: ${expected.line}`);
  return expected.code;
}
