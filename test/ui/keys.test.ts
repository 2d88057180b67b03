import { describe, expect, it } from 'vitest';
import { actionOf, keyBindings, keyNames } from '../../src/ui/keys.js';
import {
  initialUi,
  press,
  type Situation,
  typeKey,
  type UiState,
  wantedPanels,
} from '../../src/ui/ui-state.js';
import { preview } from './events.js';

const quiet: Situation = {
  training: false,
  paused: false,
  nowMs: 0,
  previews: [],
  failures: 0,
  entries: { failures: 0, log: 0 },
  attached: null,
};

describe('the table of keys', () => {
  it('gives no key two meanings, and each a help', () => {
    const keys = keyBindings.flatMap((binding) => binding.keys);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { help, label, keys: of } of keyBindings) {
      expect(help).not.toBe('');
      expect(of).toContain(label);
    }
  });

  it('drives the dispatch', () => {
    for (const { keys, action } of keyBindings) {
      for (const key of keys) expect(actionOf(key)).toBe(action);
    }
    expect(actionOf('x')).toBeUndefined();
  });

  it('every action does something', () => {
    const previews = ['1', '2', '3'].map((id) => preview(id));
    const situation: Situation = { ...quiet, training: true, nowMs: 1_000, previews, failures: 1 };
    const before: UiState = {
      ...initialUi,
      help: true,
      confirmUntil: 9_000,
      picture: { order: 'newest', chosen: 'test/2' },
    };
    for (const { action } of keyBindings) {
      const { ui, command } = press(before, action, situation);
      expect(command !== undefined || ui !== before).toBe(true);
    }
  });
});

describe('names of keys', () => {
  it.each([
    [' ', {}, ['space']],
    ['qq', {}, ['q', 'q']],
    ['c', { ctrl: true }, ['ctrl-c']],
    ['\u0003q', {}, ['ctrl-c', 'q']],
    ['', { escape: true, meta: true }, ['esc']],
    ['', { tab: true, shift: true }, ['shift-tab']],
    ['', { return: true }, ['enter']],
    ['', { upArrow: true }, ['up']],
    ['', { leftArrow: true }, ['left']],
    ['q', { meta: true }, []],
    ['', { delete: true }, ['backspace']],
  ])('%j %j', (input, key, names) => {
    expect(keyNames(input, key)).toEqual(names);
  });
});

describe('what the person at the keyboard chose', () => {
  const situation = quiet;

  it('hiding the chosen panel lets go of it', () => {
    let ui = press(initialUi, 'next-panel', situation).ui;
    ui = press(ui, 'zoom', situation).ui;
    expect([...wantedPanels(ui)]).toEqual(['pipeline']);
    ui = press(ui, 'panel:pipeline', situation).ui;
    expect(ui).toMatchObject({ focus: null, zoomed: false });
    expect(wantedPanels(ui).has('pipeline')).toBe(false);
  });

  it('choosing goes round, past what is hidden', () => {
    let ui = press(initialUi, 'panel:training', situation).ui;
    const seen: (string | null)[] = [];
    for (let index = 0; index < 7; index++) {
      ui = press(ui, 'next-panel', situation).ui;
      seen.push(ui.focus);
    }
    expect(seen).toEqual([
      'pipeline',
      'picture',
      'predictions',
      'system',
      'failures',
      'log',
      'pipeline',
    ]);
    expect(press(initialUi, 'previous-panel', situation).ui.focus).toBe('log');
  });

  it('a filter is typed, mended, kept and dropped', () => {
    let ui = press(initialUi, 'filter', situation).ui;
    for (const key of ['d', 'q', 'backspace', 'space', 'up', '8']) ui = typeKey(ui, key);
    expect(ui).toMatchObject({ filter: 'd 8', isTyping: true });
    ui = typeKey(ui, 'enter');
    expect(ui).toMatchObject({ filter: 'd 8', isTyping: false });
    expect(press(ui, 'back', situation).ui.filter).toBe('');
    expect(typeKey({ ...ui, isTyping: true }, 'esc')).toMatchObject({
      filter: '',
      isTyping: false,
    });
  });

  it('leafing stays with its picture while newer ones come, and follows them from the first on', () => {
    const older = ['1', '2', '3'].map((id) => preview(id));
    const newer = [...older, preview('4')];
    const at = (previews: typeof older): Situation => ({ ...situation, previews });
    let { ui } = press(initialUi, 'picture-older', at(older));
    expect(ui.picture.chosen).toBe('test/2');
    ui = press(ui, 'picture-older', at(newer)).ui;
    expect(ui.picture.chosen).toBe('test/1');
    expect(press(ui, 'picture-older', at(newer)).ui.picture.chosen).toBe('test/1');
    for (let index = 0; index < 3; index++) ui = press(ui, 'picture-newer', at(newer)).ui;
    expect(ui.picture.chosen).toBeNull();
    expect(press(initialUi, 'picture-older', at([])).ui.picture.chosen).toBeNull();
  });

  it('lists scroll when chosen, and no further than they are long', () => {
    const long: Situation = { ...situation, entries: { failures: 2, log: 9 } };
    let ui: UiState = { ...initialUi, focus: 'failures' };
    for (let index = 0; index < 5; index++) ui = press(ui, 'down', long).ui;
    expect(ui.scroll.failures).toBe(1);
    ui = press({ ...ui, focus: 'log' }, 'up', long).ui;
    expect(ui.scroll.log).toBe(1);
    expect(press(press(ui, 'down', long).ui, 'down', long).ui.scroll.log).toBe(0);
  });

  it('who only looks on asks for nothing, and leaves without a question', () => {
    const looking: Situation = { ...situation, training: true, attached: { control: false } };
    for (const action of ['pause', 'train', 'predict', 'retry'] as const) {
      const { ui, command } = press(initialUi, action, looking);
      expect(command).toBeUndefined();
      expect(ui.toast?.text).toContain('--control');
    }
    expect(press(initialUi, 'quit', looking).command).toEqual({ type: 'quit' });
    expect(press(initialUi, 'train', { ...looking, attached: { control: true } }).command).toEqual({
      type: 'train',
    });
  });
});
