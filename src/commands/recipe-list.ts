import { type Recipe, recipes } from '../model/recipe.js';
import { readConfigFile, readSettings, UsageError } from '../settings/read-settings.js';

/** The program's recipes, and those of a nerveflow.config.json that can be read. */
export function recipeList(): string {
  let known: Readonly<Record<string, Recipe>> = recipes;
  try {
    const file = readConfigFile();
    known = readSettings({ flags: {}, variables: {}, file }).recipes;
  } catch (error) {
    // The command itself says what is wrong with it; help is help.
    if (!(error instanceof UsageError)) throw error;
  }
  const width = Math.max(...Object.keys(known).map((name) => name.length)) + 2;
  const lines = Object.values(known).map(
    ({ name, summary }) => `  ${name.padEnd(width)}${summary}`,
  );
  return `Recipes:\n${lines.join('\n')}`;
}
