import { describe, expect, it } from 'vitest';
import { actionOf, keyBindings, keyNames } from '../../src/ui/keys.js';
import { initialUi, press, wantedPanels } from '../../src/ui/ui-state.js';

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
    const situation = { training: true, paused: false, nowMs: 1_000 };
    const before = { ...initialUi, help: true, confirmUntil: 9_000 };
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
  ])('%j %j', (input, key, names) => {
    expect(keyNames(input, key)).toEqual(names);
  });
});

describe('what the person at the keyboard chose', () => {
  const situation = { training: false, paused: false, nowMs: 0 };

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
    for (let index = 0; index < 5; index++) {
      ui = press(ui, 'next-panel', situation).ui;
      seen.push(ui.focus);
    }
    expect(seen).toEqual(['pipeline', 'predictions', 'failures', 'log', 'pipeline']);
    expect(press(initialUi, 'previous-panel', situation).ui.focus).toBe('log');
  });
});
