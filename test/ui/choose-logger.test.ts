import { describe, expect, it } from 'vitest';
import { chooseLogger } from '../../src/ui/choose-logger.js';

const wish = { json: false, plain: false, isTTY: true, env: {} };

describe('who tells the events', () => {
  it('the dashboard, where a terminal can show it', () => {
    expect(chooseLogger(wish)).toBe('dashboard');
    expect(chooseLogger({ ...wish, env: { CI: 'false', TERM: 'xterm' } })).toBe('dashboard');
  });

  it('the plain log, where not', () => {
    expect(chooseLogger({ ...wish, isTTY: false })).toBe('plain');
    expect(chooseLogger({ ...wish, plain: true })).toBe('plain');
    for (const env of [
      { CI: '1' },
      { CI: 'true' },
      { TERM: 'dumb' },
      { INK_SCREEN_READER: 'true' },
    ]) {
      expect(chooseLogger({ ...wish, env })).toBe('plain');
    }
  });

  it('JSON lines, when asked', () => {
    expect(chooseLogger({ ...wish, json: true, plain: true })).toBe('json');
  });
});
