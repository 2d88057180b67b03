import { Option, Command as Program } from 'commander';
import type { OptionSpec } from '../settings/option.js';
import { type OptionKey, options } from '../settings/options.js';
import { readConfigFile, readSettings } from '../settings/read-settings.js';
import { version } from '../version.js';
import { type Command, sharedKeys } from './command.js';

const whereOptionsMayStand =
  'Options may also stand in nerveflow.config.json ("batchSize": 16) and in variables\n(NERVEFLOW_BATCH_SIZE=16). A flag counts over a variable, a variable over the file.';

const sharedOptionsAreTaken =
  'Options that several commands share (--raw, --epochs, ...) are taken by all and count where\ntheir help shows them.';

/** The command line, made from the commands; `onExit` is told how the one that ran ended. */
export function makeProgram(commands: readonly Command[], onExit: (code: number) => void): Program {
  const program = new Program('nerveflow')
    .description(
      'Watches a folder of ultrasound images, trains a U-Net on those that have masks, predicts masks for the rest and keeps submission.csv current.',
    )
    .version(version)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  for (const command of commands) addCommand(program, command, onExit);
  return program;
}

function addCommand(program: Program, command: Command, onExit: (code: number) => void): void {
  const sub = program
    .command(command.name, { isDefault: command.name === 'watch' })
    .description(command.summary);
  for (const key of command.options) sub.addOption(optionOf(key, command));
  for (const key of sharedKeys) {
    if (!command.options.includes(key)) sub.addOption(optionOf(key, command).hideHelp());
  }
  if (command.argument) {
    const { name, choices } = command.argument;
    sub.addArgument(sub.createArgument(`<${name}>`).choices([...choices]));
  } else {
    sub.allowExcessArguments(false);
  }
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
    onExit(await command.run(settings, sub.args[0] ?? ''));
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
