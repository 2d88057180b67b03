import { describe, expect, it } from 'vitest';
import { chooseView } from '../../src/ui/choose-view.js';

const wish = { json: false, plain: false, isTTY: true, env: {} };

describe('who tells the events', () => {
  it('the dashboard, where a terminal can show it', () => {
    expect(chooseView(wish)).toBe('dashboard');
    expect(chooseView({ ...wish, env: { CI: 'false', TERM: 'xterm' } })).toBe('dashboard');
  });

  it('the plain log, where not', () => {
    expect(chooseView({ ...wish, isTTY: false })).toBe('plain');
    expect(chooseView({ ...wish, plain: true })).toBe('plain');
    for (const env of [
      { CI: '1' },
      { CI: 'true' },
      { TERM: 'dumb' },
      { INK_SCREEN_READER: 'true' },
    ]) {
      expect(chooseView({ ...wish, env })).toBe('plain');
    }
  });

  it('JSON lines, when asked', () => {
    expect(chooseView({ ...wish, json: true, plain: true })).toBe('json');
  });
});
