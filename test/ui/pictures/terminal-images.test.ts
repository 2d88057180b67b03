import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { separateInput, type TerminalAnswer } from '../../../src/ui/terminal/terminal-answers.js';
import { preview, ready, step, trainStarted } from '../../support/events.js';
import { openDashboard, pressed } from '../../support/terminal.js';
import { cell, PictureTerminal, type ShownPicture } from '../picture-terminal.js';

let close: (() => void) | undefined;
afterEach(() => close?.());

/** A picture takes milliseconds, on a busy machine seconds. */
const patience = { timeout: 30_000, interval: 20 };

const protocols = ['kitty', 'iterm2', 'sixel'] as const;

function open(
  protocol: (typeof protocols)[number],
  [columns, rows] = [120, 40] as readonly [number, number],
  over: Parameters<typeof openDashboard>[2] = {},
) {
  const terminal = new PictureTerminal(protocol, columns, rows);
  const opened = openDashboard(columns, rows, { ...over, terminal });
  close = () => opened.dashboard.unmount();
  /** Lets frames be drawn until this many pictures are on the screen; they are made off the thread. */
  const shows = (count: number): Promise<ShownPicture[]> =>
    vi.waitFor(async () => {
      opened.pass(500);
      const pictures = await terminal.pictures();
      expect(pictures.length).toBe(count);
      return pictures;
    }, patience);
  return { ...opened, terminal, shows };
}

/** The nearest of the colours that the test's picture has, at shares of its width and height. */
function colourAt({ width, height, rgb }: ShownPicture, x: number, y: number): string {
  const at = 3 * (Math.floor(y * height) * width + Math.floor(x * width));
  const names = {
    black: [0, 0, 0],
    grey: [128, 128, 128],
    white: [255, 255, 255],
    orange: [255, 135, 0],
    blue: [47, 155, 255],
  };
  const distance = (of: readonly number[]) =>
    of.reduce((sum, value, index) => sum + Math.abs(value - (rgb[at + index] ?? 0)), 0);
  return Object.entries(names).sort(([, a], [, b]) => distance(a) - distance(b))[0]![0];
}

const esc = '\u001b';
const anyPicture = new RegExp(`${esc}_Ga=T|${esc}\\]1337|${esc}P[\\d;]*q`);

describe.each(protocols)('a picture by %s', (protocol) => {
  it('decodes to the image with its outline, at its place in the panel', async () => {
    const { terminal, send, shows } = open(protocol);
    send([ready(), preview('7')]);
    const [picture] = await shows(1);
    const screen = await terminal.screen();
    const titleRow = screen.findIndex((line) => line.includes('What the model sees'));
    const { rect } = picture!;
    expect(rect.y).toBe(titleRow + 1);
    expect(rect.x).toBe(await terminal.columnOf('What the model sees'));
    expect(screen[rect.y + rect.height]).toContain('test image 7: nerve outlined');
    // The image is 20 x 16 with a square from 5, 4 to 15, 12; the mask is that square.
    const shape = (rect.width * cell.width) / (rect.height * cell.height);
    expect(shape).toBeGreaterThan(1.15);
    expect(shape).toBeLessThan(1.35);
    expect(colourAt(picture!, 0.5, 0.5)).toBe('white');
    expect(colourAt(picture!, 0.1, 0.1)).toBe('black');
    expect(colourAt(picture!, 0.9, 0.9)).toBe('black');
    const acrossTop = Array.from({ length: 60 }, (_, y) => colourAt(picture!, 0.5, y / 120));
    expect(acrossTop).toContain('orange');
    expect(await terminal.text()).not.toContain('▀');
  });

  it('is sent once, whatever is written beside it', async () => {
    const { terminal, send, shows } = open(protocol);
    send([ready(), trainStarted(), preview('7')]);
    await shows(1);
    const before = terminal.sent;
    for (let at = 1; at <= 4; at++) {
      send([step(1, at, { loss: 1 / at })], 500);
      await shows(1);
    }
    expect(await terminal.text()).toMatch(/step +4\/4/);
    expect(terminal.sent).toBe(before);
    send([preview('8', { found: false })]);
    await vi.waitFor(async () => {
      await shows(1);
      expect(terminal.count).toBe(2);
    }, patience);
    expect(terminal.count).toBe(2);
  });

  it('truth stands beside it where there is room, over it where there is none', async () => {
    const narrow = open(protocol, [120, 40]);
    narrow.send([ready(), preview('1_1', { split: 'train' })]);
    const [one] = await narrow.shows(1);
    expect(Array.from({ length: 60 }, (_, y) => colourAt(one!, 0.5, y / 120))).toContain('white');
    narrow.dashboard.unmount();
    const wide = open(protocol, [120, 40]);
    wide.send([ready(), preview('1_1', { split: 'train' })]);
    await wide.press(pressed.tab, pressed.tab, pressed.tab, pressed.enter);
    const [model, truth] = await wide.shows(2);
    const down = (picture: ShownPicture) =>
      Array.from({ length: 60 }, (_, y) => colourAt(picture, 0.5, y / 120));
    expect(down(model!)).toContain('orange');
    expect(down(model!)).not.toContain('blue');
    expect(down(truth!)).toContain('blue');
    expect(down(truth!)).not.toContain('orange');
    expect(truth!.rect.x).toBeGreaterThanOrEqual(model!.rect.x + model!.rect.width);
  });

  it('goes with its panel, with the help over it, and at the end; moves with the window', async () => {
    const { terminal, dashboard, send, press, shows } = open(protocol);
    send([ready(), preview('7')]);
    await shows(1);
    await press('3');
    await shows(0);
    await press('3');
    await shows(1);
    await press('?');
    await shows(0);
    await press(pressed.esc);
    const [before] = await shows(1);
    terminal.resizeTo(140, 45);
    const after = await vi.waitFor(async () => {
      const [picture] = await shows(1);
      expect(picture!.rect.x).toBeGreaterThan(before!.rect.x);
      return picture!;
    }, patience);
    expect(after.rect.x).toBe(await terminal.columnOf('What the model sees'));
    dashboard.unmount();
    if (protocol === 'kitty') expect(await terminal.pictures()).toEqual([]);
    expect(await terminal.onAlternateScreen()).toBe(false);
  });

  it('can be asked for, or refused, whatever the terminal says', async () => {
    const refused = open(protocol, [120, 40], { pictures: 'blocks' });
    refused.send([ready(), preview('7')]);
    expect(await refused.terminal.text()).toContain('▀▀▀');
    expect(refused.terminal.writes.join('')).not.toMatch(anyPicture);
    refused.dashboard.unmount();
    const asked = open(protocol, [120, 40], {
      pictures: protocol,
      env: { TERM: 'tmux-256color', TMUX: '/tmp/t' },
    });
    asked.send([ready(), preview('7')]);
    await asked.shows(1);
    asked.dashboard.unmount();
    const off = open(protocol, [120, 40], { pictures: 'off' });
    off.send([ready(), preview('7')]);
    expect(await off.terminal.text()).not.toContain('What the model sees');
    await off.press('3');
    expect(await off.terminal.text()).toContain('▀▀▀');
  });
});

describe('where the terminal has no pictures', () => {
  it.each([
    ['it says that it has none', { TERM: 'xterm-256color' }, true],
    ['tmux is between', { TERM: 'tmux-256color', TMUX: '/tmp/tmux-0/default,1,0' }, false],
    ['screen is between', { TERM: 'screen.xterm-256color', STY: '1.pts' }, false],
    ['nobody wants colours', { TERM: 'xterm-kitty', NO_COLOR: '1' }, false],
    ['it is the console', { TERM: 'linux' }, false],
  ] as const)('%s: half-blocks or signs, and no sequence of theirs', async (_, env, isAsked) => {
    const { terminal, send, pass, dashboard } = openDashboard(120, 40, { env });
    send([ready(), preview('7')]);
    pass(10_000);
    expect(await terminal.text()).toMatch(/▀▀▀|ooo/);
    const written = terminal.writes.join('');
    expect(written).not.toMatch(anyPicture);
    expect(written.includes('\u001b[c')).toBe(isAsked);
    dashboard.unmount();
  });

  it('an answer that comes late or in pieces is no key', async () => {
    const opened = openDashboard(120, 40);
    const { terminal, commands, keyboard, send, pass, press } = opened;
    close = () => opened.dashboard.unmount();
    terminal.onAnswer = () => {};
    send([ready(), preview('7')]);
    for (const piece of [
      '\u001b',
      '_Gi=31;EN',
      'OTSUP\u001b',
      '\\\u001bP>|xterm',
      '(388)\u001b\\',
      '\u001b[?6',
      '4;4c',
    ]) {
      keyboard.type(piece);
      await new Promise((resolve) => setImmediate(resolve));
      pass(20);
    }
    pass(5_000);
    const text = await terminal.text();
    expect(text).toContain('What the model sees');
    expect(text).not.toContain('Keys');
    expect(text).toContain('▀▀▀');
    // An escape alone is one.
    await press('?');
    expect(await terminal.text()).toContain('Keys');
    await press(pressed.esc);
    expect(await terminal.text()).not.toContain('Keys');
    await press('q');
    expect(commands.quit).toHaveBeenCalledOnce();
  });
});

describe('what a terminal answers', () => {
  const key = fc.constantFrom('q', '?', ' ', '1', '\r', '\u001b[A', '\u001b[6~', '\u001b[Z', 'é');
  const possible = [
    '\u001b_Gi=31;OK\u001b\\',
    '\u001bP>|kitty(0.32.0)\u001b\\',
    '\u001b[6;16;8t',
    '\u001b[?62;4;22c',
  ];
  const answer = fc.constantFrom(...possible);

  it('comes out whole from between the keys, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(key, answer), { maxLength: 12 }),
        fc.array(fc.nat({ max: 200 }), { maxLength: 12 }),
        (inputs, cuts) => {
          const text = inputs.join('');
          const places = [
            0,
            ...cuts.filter((at) => at < text.length).sort((a, b) => a - b),
            text.length,
          ];
          let held = '';
          let keys = '';
          const answers: TerminalAnswer[] = [];
          for (const [index, from] of places.slice(0, -1).entries()) {
            const input = separateInput(held + text.slice(from, places[index + 1]), true);
            held = input.rest;
            keys += input.keys;
            answers.push(...input.answers);
          }
          const isAnswer = (input: string) => possible.includes(input);
          expect(keys + held).toBe(inputs.filter((input) => !isAnswer(input)).join(''));
          expect(answers.length).toBe(inputs.filter(isAnswer).length);
        },
      ),
    );
  });
});
