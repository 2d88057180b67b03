import { describe, expect, test } from 'vitest';
import { noticesOf } from '../../src/commands/follow-config.js';
import { ConfigReload, changedParts } from '../../src/settings/config-reload.js';
import { type FixedSources, readSettings } from '../../src/settings/read-settings.js';

const none: FixedSources = { flags: {}, variables: {} };

/** A program that started with one file, and looks at others. */
function started(file: unknown, sources = none) {
  const reload = new ConfigReload(sources, readSettings({ ...sources, file }));
  const take = (text: string) => reload.take({ state: 'there', text });
  take(JSON.stringify(file));
  return {
    take: (content: unknown) => take(JSON.stringify(content)),
    takeText: take,
    takeMissing: () => reload.take({ state: 'missing' }),
  };
}

const told = (news: Parameters<typeof noticesOf>[0]) =>
  noticesOf(news).map((event) =>
    event.type === 'notice' ? `${event.code} ${event.message}` : event.type,
  );

describe('what can change while it runs', () => {
  test('counts at once, and is said', () => {
    const { take } = started({ epochs: 5 });
    const news = take({ epochs: 8, recipe: 'fast', retrain: 'manual', settle: 100 });
    expect(news).toMatchObject({
      type: 'read',
      settings: { epochs: 8, recipe: 'fast', retrain: 'manual', settle: 100 },
      needRestart: [],
    });
    expect(told(news)).toEqual([
      'CONFIG_RELOADED nerveflow.config.json: epochs is now 8 (was 5), recipe is now fast (was default), retrain is now manual (was auto), settle is now 100 (was 250); a training that runs keeps its own',
    ]);
  });

  test("recipes of one's own come and change with the file", () => {
    const { take } = started({});
    const mine = (filters: number) => ({
      recipe: 'mine',
      recipes: { mine: { extends: 'fast', filters } },
    });
    const filtersOf = (news: ReturnType<typeof take>) =>
      news.type === 'read' ? news.settings.recipes[news.settings.recipe]?.filters : undefined;
    expect(filtersOf(take(mine(4)))).toBe(4);
    expect(filtersOf(take(mine(6)))).toBe(6);
    expect(take({ recipe: 'mine', recipes: { mine: { extends: 'nothing' } } })).toMatchObject({
      type: 'refused',
      message: expect.stringContaining('recipes: "mine" extends "nothing"'),
    });
  });

  test('is said once', () => {
    const { take } = started({});
    take({ epochs: 8 });
    expect(told(take({ epochs: 8, retrain: 'auto' }))).toEqual([]);
  });

  test('goes back to its default with the line, or with the whole file', () => {
    const { take, takeMissing } = started({ epochs: 5, settle: 100 });
    expect(told(take({ settle: 100 }))[0]).toContain('epochs is now 20 (was 5)');
    expect(takeMissing()).toMatchObject({ settings: { epochs: 20, settle: 250 } });
  });
});

describe("recipes of one's own", () => {
  const mine = (filters: number) => ({ recipes: { mine: { extends: 'fast', filters } } });

  test('may come and be taken at once, and change later', () => {
    const { take } = started({});
    const news = take({ ...mine(8), recipe: 'mine' });
    expect(news).toMatchObject({
      settings: { recipe: 'mine', recipes: { mine: { filters: 8 } } },
    });
    expect(told(news)[0]).toContain(
      'recipe is now mine (was default), your own recipes have changed;',
    );
    const again = take({ ...mine(16), recipe: 'mine' });
    expect(again).toMatchObject({ settings: { recipes: { mine: { filters: 16 } } } });
    expect(told(again)).toHaveLength(1);
  });

  test('may not go while one is used', () => {
    const { take } = started({ ...mine(8), recipe: 'mine' });
    expect(told(take({ recipe: 'mine' }))[0]).toContain('"mine" is no recipe; known are');
  });
});

describe('what needs a restart', () => {
  test('stays as it is and is said once for each value', () => {
    const { take } = started({});
    const news = take({ size: '96x112', threads: 3, epochs: 9 });
    expect(news).toMatchObject({ settings: { epochs: 9, size: { height: 64, width: 80 } } });
    expect(told(news)[1]).toMatch(
      /^CONFIG_NEEDS_RESTART nerveflow.config.json: only the next start takes over size 96x112 \(now 64x80\), threads 3 \(now \d+\)$/,
    );
    expect(told(take({ size: '96x112', threads: 3, epochs: 8 }))).toHaveLength(1);
    expect(told(take({ size: '32x48', threads: 3, epochs: 8 }))).toEqual([
      'CONFIG_NEEDS_RESTART nerveflow.config.json: only the next start takes over size 32x48 (now 64x80)',
    ]);
  });

  test('is no matter any more when it is taken back', () => {
    const { take } = started({});
    take({ size: '96x112' });
    expect(told(take({}))).toEqual([]);
    expect(told(take({ size: '96x112' }))).toHaveLength(1);
  });
});

describe('a file that cannot be used', () => {
  test.each([
    ['{"epochs": ', 'nerveflow.config.json is not valid JSON'],
    ['', 'nerveflow.config.json is not valid JSON'],
    ['[1]', 'nerveflow.config.json must hold one JSON object of options'],
    ['{"epoch": 3}', 'nerveflow.config.json: "epoch" is no option'],
    ['{"epochs": 0, "settle": 100}', 'nerveflow.config.json: epochs: 0 is not valid; it takes'],
  ])('%j is refused whole, in one line', (text, line) => {
    const { takeText, take } = started({ epochs: 5 });
    const news = takeText(text);
    expect(news.type).toBe('refused');
    const lines = told(news);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(line);
    expect(lines[0]).toMatch(/; what ran before it goes on$/);
    expect(lines[0]).not.toContain('\n');
    // As if it had never been there.
    expect(take({ epochs: 5 })).toMatchObject({
      applied: [],
      settings: { epochs: 5, settle: 250 },
    });
  });
});

describe('what counts over the file', () => {
  const sources = { flags: { epochs: '3' }, variables: { NERVEFLOW_SETTLE: '70' } };

  test('goes on counting, and is named when the file changes', () => {
    const { take } = started({ epochs: 5 }, sources);
    const news = take({ epochs: 6, settle: 90 });
    expect(news).toMatchObject({ applied: [], settings: { epochs: 3, settle: 70 } });
    expect(told(news)).toEqual([
      'CONFIG_OVERRULED nerveflow.config.json: epochs changes nothing: --epochs counts over it',
      'CONFIG_OVERRULED nerveflow.config.json: settle changes nothing: NERVEFLOW_SETTLE counts over it',
    ]);
    expect(told(take({ epochs: 6, settle: 90, recipe: 'fast' }))).toHaveLength(1);
  });

  test('a command counts its own defaults, not the options', () => {
    const { takeMissing } = started({ epochs: 5 }, { ...none, defaults: { epochs: 30 } });
    expect(takeMissing()).toMatchObject({ settings: { epochs: 30 } });
  });
});

test('only the parts concerned hear of it', () => {
  const { take } = started({});
  const before = readSettings({ ...none, file: {} });
  const parts = (file: unknown) => {
    const news = take(file);
    return news.type === 'read' ? [...changedParts(before, news.settings)] : [];
  };
  expect(parts({ settle: 100 })).toEqual(['intake']);
  expect(parts({ learningRate: 0.1 })).toEqual(['training']);
  expect(parts({ size: '32x48' })).toEqual([]);
});
