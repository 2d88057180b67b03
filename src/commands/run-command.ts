import { setFlagsFromString } from 'node:v8';
import { CommanderError, Option, Command as Program } from 'commander';
import type { OptionSpec } from '../settings/option-spec.js';
import { type OptionKey, options } from '../settings/options.js';
import { readConfigFile, readSettings } from '../settings/read-settings.js';
import { isOutOfFileHandles } from '../system/file-handle-limit.js';
import { version } from '../version.js';
import { allCommands } from './all-commands.js';
import { type Command, sharedKeys } from './command.js';
import { exitCode } from './exit-code.js';

const whereOptionsMayStand =
  'Options may also stand in nerveflow.config.json ("batchSize": 16) and in variables\n(NERVEFLOW_BATCH_SIZE=16). A flag counts over a variable, a variable over the file.';

const sharedOptionsAreTaken =
  'Options that several commands share (--raw, --epochs, ...) are taken by all and count where\ntheir help shows them.';

/** Runs the command that was typed; what comes of it is the process's exit code. */
export async function runCommand(): Promise<void> {
  try {
    await makeProgram().parseAsync();
  } catch (error) {
    process.exitCode = await report(error);
  }
}

/** One line on stderr for whatever a person did; a stack trace only for a bug of ours. */
async function report(error: unknown): Promise<number> {
  if (error instanceof CommanderError) {
    // Commander has said it already.
    return error.exitCode === 0 ? exitCode.done : exitCode.badUsage;
  }
  if (isOutOfFileHandles(error)) throw error;
  const { explainFailure } = await import('./explain-failure.js');
  const expected = explainFailure(error);
  if (expected === null) {
    console.error('nerveflow: this is a bug in nerveflow, please report it:', error);
    return exitCode.failed;
  }
  console.error(`nerveflow: ${expected.line}`);
  return expected.code;
}

function makeProgram(): Program {
  const program = new Program('nerveflow')
    .description(
      'Watches a folder of ultrasound images, trains a U-Net on those that have masks, predicts masks for the rest and keeps submission.csv current.',
    )
    .version(version)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  for (const command of allCommands) addCommand(program, command);
  return program;
}

function addCommand(program: Program, command: Command): void {
  const sub = program
    .command(command.name, { isDefault: command.name === 'watch' })
    .description(command.summary);
  for (const key of command.options) sub.addOption(optionOf(key, command));
  for (const key of sharedKeys) {
    if (!command.options.includes(key)) sub.addOption(optionOf(key, command).hideHelp());
  }
  for (const { name, choices } of command.arguments ?? []) {
    const argument = sub.createArgument(name);
    sub.addArgument(choices ? argument.choices([...choices]) : argument);
  }
  sub.allowExcessArguments(false);
  const { details } = command;
  if (details) {
    sub.addHelpText('after', () => `\n${typeof details === 'string' ? details : details()}`);
  }
  sub.addHelpText('after', `\n${whereOptionsMayStand}\n${sharedOptionsAreTaken}`);
  sub.action(async () => {
    const settings = readSettings({
      flags: sub.opts() as Partial<Record<OptionKey, unknown>>,
      variables: process.env,
      file: readConfigFile(),
      ...(command.defaults && { defaults: command.defaults }),
    });
    const run = await command.load();
    // Not before: loading the program leaves little garbage and would take longer.
    collectGarbageOften();
    process.exitCode = await run(settings, sub.args);
  });
}

function optionOf(key: OptionKey, command: Command): Option {
  const spec = options[key] as OptionSpec<unknown>;
  const flags = spec.argument ? `${spec.flag} ${spec.argument}` : spec.flag;
  const option = new Option(flags, spec.describe);
  const fallback = command.defaults?.[key] ?? spec.fallback;
  if (typeof fallback === 'string' || typeof fallback === 'number') {
    option.description += ` (default: ${fallback})`;
  } else if (key === 'size' && typeof fallback === 'object' && fallback !== null) {
    const { height, width } = fallback as { height: number; width: number };
    option.description += ` (default: ${height}x${width})`;
  }
  return option;
}

/**
 * Has garbage collected before there is much of it. What lives here is small and hardly grows with
 * the folder; left alone, V8 lets garbage many times as large pile up, in proportion to how much
 * goes through. Measured: no more processor time, and half the memory.
 */
function collectGarbageOften(): void {
  setFlagsFromString('--heap-growing-percent=20');
  setFlagsFromString('--semi-space-growth-factor=1');
}
