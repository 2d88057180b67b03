import './collect-often.js';
import { CommanderError } from 'commander';
import { makeProgram } from './commands/command-line.js';
import { commands } from './commands/commands.js';
import { exitCode } from './commands/exit-code.js';
import { explainFailure } from './commands/run-flow.js';

const program = makeProgram(commands, (code) => {
  process.exitCode = code;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
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
