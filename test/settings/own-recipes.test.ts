import { describe, expect, test } from 'vitest';
import { recipes } from '../../src/model/recipe.js';
import { readSettings, UsageError } from '../../src/settings/read-settings.js';
import { recipeOf } from '../../src/settings/recipe-of-settings.js';

function settingsWith(own: unknown, recipe = 'mine') {
  return readSettings({ flags: { recipe }, variables: {}, file: { recipes: own } });
}

describe('recipes of nerveflow.config.json', () => {
  test('are those they extend, but for what they change', () => {
    const settings = settingsWith({
      mine: { extends: 'default', filters: 8, augmentation: { rotation: 45 } },
    });
    const { summary, ...recipe } = recipeOf(settings);
    const { summary: _, ...base } = recipes.default;
    expect(recipe).toEqual({
      ...base,
      name: 'mine',
      filters: 8,
      augmentation: { ...base.augmentation, rotation: 45 },
    });
    expect(summary).toContain('default');
  });

  test('may extend one another, in order', () => {
    const own = {
      first: { extends: 'tutorial', filters: 4 },
      mine: { extends: 'first', loss: 'dice+bce' },
    };
    expect(recipeOf(settingsWith(own))).toMatchObject({ filters: 4, loss: 'dice+bce' });
  });

  test("leave the program's own as they are", () => {
    const { recipes: all } = settingsWith({ mine: { extends: 'fast' } });
    expect(Object.keys(all)).toEqual([...Object.keys(recipes), 'mine']);
    expect(all).toMatchObject(recipes);
  });

  test.each([
    ['no recipes at all', 5, 'must be an object'],
    ['no base', { mine: { filters: 3 } }, '"mine": extends:'],
    [
      'an unknown base',
      { mine: { extends: 'yours' } },
      '"mine" extends "yours"; known before it are tutorial',
    ],
    ['a later base', { mine: { extends: 'b' }, b: { extends: 'fast' } }, '"mine" extends "b"'],
    [
      'an unknown field',
      { mine: { extends: 'fast', filter: 3 } },
      '"mine": Unrecognized key: "filter"',
    ],
    ['a bad value', { mine: { extends: 'fast', filters: 2.5 } }, '"mine": filters: '],
    [
      'a bad value deep inside',
      { mine: { extends: 'fast', augmentation: { blur: 2 } } },
      '"mine": augmentation.blur: ',
    ],
    ['a name that is taken', { default: { extends: 'fast' } }, '"default" comes with the program'],
    ['a name with a space', { 'my own': { extends: 'fast' } }, '"my own": a name takes'],
  ])('%s: one line that names it', (_, own, message) => {
    const read = () => settingsWith(own, 'fast');
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^nerveflow\.config\.json: recipes: [^\n]*$/);
  });

  test('an unknown name is refused with those that are known', () => {
    expect(() => settingsWith({ mine: { extends: 'fast' } }, 'theirs')).toThrow(
      new UsageError(
        `--recipe: "theirs" is no recipe; known are ${Object.keys(recipes).join(', ')}, mine`,
      ),
    );
  });
});
