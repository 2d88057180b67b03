import { readFileSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import { z } from 'zod';
import type { Layout } from '../layout/file-role.js';
import { withoutFolder } from '../layout/without-folder.js';
import { recipes as builtIn } from '../model/recipe.js';
import { RecipeProblem, withOwnRecipes } from '../model/recipe-schema.js';
import type { OptionSpec } from './option-spec.js';
import { type OptionKey, options, type Settings, variableOf } from './options.js';

export const configFile = 'nerveflow.config.json';

/** The one key of the file that is no option. */
const ownRecipes = 'recipes';

/** What the person typed cannot be used: one line, exit 2. */
export class UsageError extends Error {
  readonly code = 'BAD_USAGE';
}

export interface SettingSources {
  /** As the command line gave them; undefined where it did not. */
  readonly flags: Partial<Record<OptionKey, unknown>>;
  readonly variables: NodeJS.ProcessEnv;
  /** Parsed nerveflow.config.json, or undefined where there is none. */
  readonly file: unknown;
  /** What a command takes in place of an option's own default. */
  readonly defaults?: Partial<Settings>;
}

/**
 * Flag over variable over file over default.
 * @throws UsageError naming the option, its value, where it stood and what it takes.
 */
export function readSettings(sources: SettingSources): Settings {
  const file = checkConfig(sources.file);
  const recipes = recipesOf(file);
  const entries = (Object.keys(options) as OptionKey[]).map((key) => {
    const spec = options[key] as OptionSpec<unknown>;
    const given = firstGiven(key, sources, file);
    if (given === undefined) return [key, sources.defaults?.[key] ?? fallbackOf(spec)];
    const parsed = spec.schema.safeParse(given.value);
    if (!parsed.success) {
      // Said by an option that knows more than that it is wrong.
      const reason = parsed.error.issues.find(({ code }) => code === 'custom')?.message;
      const why = reason === undefined || reason === 'Invalid input' ? '' : `: ${reason}`;
      throw new UsageError(
        `${given.name}: ${JSON.stringify(given.value)} is not valid${why}; it takes ${spec.takes}`,
      );
    }
    if (key === 'recipe' && !Object.hasOwn(recipes, parsed.data as string)) {
      const names = Object.keys(recipes).join(', ');
      throw new UsageError(
        `${given.name}: ${JSON.stringify(given.value)} is no recipe; known are ${names}`,
      );
    }
    return [key, parsed.data];
  });
  const settings = { ...Object.fromEntries(entries), recipes } as Settings;
  // A layout knows how its own masks are drawn, unless somebody says otherwise.
  const isSaid = firstGiven('maskKind', sources, file) !== undefined;
  const { maskKind = settings.maskKind } = isSaid ? settings : settings.layout;
  return { ...settings, maskKind, layout: withoutOwnFolders(settings) };
}

/** What the program writes below raw/, masks and exported pictures, is no input. */
function withoutOwnFolders({ layout, raw, store, exportTo }: Settings): Layout {
  return [store, exportTo].reduce((rest, folder) => {
    const below = relative(raw, folder).split(sep).join('/');
    const isElsewhere = below === '' || below.startsWith('..') || isAbsolute(below);
    return isElsewhere ? rest : withoutFolder(rest, below);
  }, layout);
}

/** The program's recipes and the file's own. */
function recipesOf(file: Readonly<Record<string, unknown>>): Settings['recipes'] {
  if (file[ownRecipes] === undefined) return builtIn;
  try {
    return withOwnRecipes(builtIn, file[ownRecipes]);
  } catch (error) {
    if (!(error instanceof RecipeProblem)) throw error;
    throw new UsageError(`${configFile}: ${ownRecipes}: ${error.message}`);
  }
}

/** @throws UsageError when the file is there but cannot be read, or is no JSON. */
export function readConfigFile(path: string = configFile): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // Node quotes what it read, line breaks included; this is to be one line.
    const reason = (error as Error).message.replaceAll(/\s+/g, ' ');
    throw new UsageError(`${path} is not valid JSON: ${reason}`);
  }
}

function checkConfig(file: unknown): Readonly<Record<string, unknown>> {
  if (file === undefined) return {};
  const parsed = z.record(z.string(), z.unknown()).safeParse(file);
  if (!parsed.success) throw new UsageError(`${configFile} must hold one JSON object of options`);
  for (const key of Object.keys(parsed.data)) {
    if (!Object.hasOwn(options, key) && key !== ownRecipes) {
      throw new UsageError(
        `${configFile}: "${key}" is no option; known are ${Object.keys(options).join(', ')}`,
      );
    }
  }
  return parsed.data;
}

function firstGiven(
  key: OptionKey,
  { flags, variables }: SettingSources,
  file: Readonly<Record<string, unknown>>,
): { name: string; value: unknown } | undefined {
  const variable = variableOf(key);
  if (flags[key] !== undefined) return { name: options[key].flag, value: flags[key] };
  // An empty variable is how shells and service files say "not set".
  if (variables[variable]) return { name: variable, value: variables[variable] };
  if (key in file) return { name: `${configFile}: ${key}`, value: file[key] };
  return undefined;
}

function fallbackOf(spec: OptionSpec<unknown>): unknown {
  return typeof spec.fallback === 'function' ? spec.fallback() : spec.fallback;
}
