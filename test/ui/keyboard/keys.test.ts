import { describe, expect, it } from 'vitest';
import {
  type Choices,
  initialChoices,
  typeKey,
  wantedPanels,
} from '../../../src/ui/keyboard/choices.js';
import { actionOf, keyBindings } from '../../../src/ui/keyboard/key-bindings.js';
import { keyNames } from '../../../src/ui/keyboard/key-names.js';
import { press, type Situation } from '../../../src/ui/keyboard/press-key.js';
import { preview } from '../../support/events.js';

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
    const before: Choices = {
      ...initialChoices,
      help: true,
      confirmUntil: 9_000,
      picture: { order: 'newest', chosen: 'test/2' },
    };
    for (const { action } of keyBindings) {
      const { choices, command } = press(before, action, situation);
      expect(command !== undefined || choices !== before).toBe(true);
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
    let choices = press(initialChoices, 'next-panel', situation).choices;
    choices = press(choices, 'zoom', situation).choices;
    expect([...wantedPanels(choices)]).toEqual(['pipeline']);
    choices = press(choices, 'panel:pipeline', situation).choices;
    expect(choices).toMatchObject({ focus: null, zoomed: false });
    expect(wantedPanels(choices).has('pipeline')).toBe(false);
  });

  it('choosing goes round, past what is hidden', () => {
    let choices = press(initialChoices, 'panel:training', situation).choices;
    const seen: (string | null)[] = [];
    for (let index = 0; index < 7; index++) {
      choices = press(choices, 'next-panel', situation).choices;
      seen.push(choices.focus);
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
    expect(press(initialChoices, 'previous-panel', situation).choices.focus).toBe('log');
  });

  it('a filter is typed, mended, kept and dropped', () => {
    let choices = press(initialChoices, 'filter', situation).choices;
    for (const key of ['d', 'q', 'backspace', 'space', 'up', '8']) choices = typeKey(choices, key);
    expect(choices).toMatchObject({ filter: 'd 8', isTyping: true });
    choices = typeKey(choices, 'enter');
    expect(choices).toMatchObject({ filter: 'd 8', isTyping: false });
    expect(press(choices, 'back', situation).choices.filter).toBe('');
    expect(typeKey({ ...choices, isTyping: true }, 'esc')).toMatchObject({
      filter: '',
      isTyping: false,
    });
  });

  it('leafing stays with its picture while newer ones come, and follows them from the first on', () => {
    const older = ['1', '2', '3'].map((id) => preview(id));
    const newer = [...older, preview('4')];
    const at = (previews: typeof older): Situation => ({ ...situation, previews });
    let { choices } = press(initialChoices, 'picture-older', at(older));
    expect(choices.picture.chosen).toBe('test/2');
    choices = press(choices, 'picture-older', at(newer)).choices;
    expect(choices.picture.chosen).toBe('test/1');
    expect(press(choices, 'picture-older', at(newer)).choices.picture.chosen).toBe('test/1');
    for (let index = 0; index < 3; index++)
      choices = press(choices, 'picture-newer', at(newer)).choices;
    expect(choices.picture.chosen).toBeNull();
    expect(press(initialChoices, 'picture-older', at([])).choices.picture.chosen).toBeNull();
  });

  it('lists scroll when chosen, and no further than they are long', () => {
    const long: Situation = { ...situation, entries: { failures: 2, log: 9 } };
    let choices: Choices = { ...initialChoices, focus: 'failures' };
    for (let index = 0; index < 5; index++) choices = press(choices, 'down', long).choices;
    expect(choices.scroll.failures).toBe(1);
    choices = press({ ...choices, focus: 'log' }, 'up', long).choices;
    expect(choices.scroll.log).toBe(1);
    expect(press(press(choices, 'down', long).choices, 'down', long).choices.scroll.log).toBe(0);
  });

  it('who only looks on asks for nothing, and leaves without a question', () => {
    const looking: Situation = { ...situation, training: true, attached: { control: false } };
    for (const action of ['pause', 'train', 'predict', 'retry'] as const) {
      const { choices, command } = press(initialChoices, action, looking);
      expect(command).toBeUndefined();
      expect(choices.toast?.text).toContain('--control');
    }
    expect(press(initialChoices, 'quit', looking).command).toEqual({ type: 'quit' });
    expect(
      press(initialChoices, 'train', { ...looking, attached: { control: true } }).command,
    ).toEqual({
      type: 'train',
    });
  });
});
