import { type KeyBinding, keyBindings } from '../keyboard/key-bindings.js';
import { padEnd } from '../layout/text-width.js';
import { dim, fitLine, type Line, lineWidth, span, strong } from '../layout/toned-line.js';
import type { Panel } from './panel.js';

/** The keys and the words that need explaining, in a frame of its own. */
export const help: Panel = (view, width, height) => {
  const { corners, side, rule } = view.theme.glyphs;
  const all = helpEntries();
  // Two lines of frame, three of words.
  const entries = all.length + 5 <= height ? all : all.filter(({ rare }) => !rare);
  const keyWidth = Math.max(...entries.map(({ label }) => label.length)) + 2;
  const keys: Line[] = entries.map(({ label, text }) => [
    span(padEnd(label, keyWidth), 'blue-strong'),
    span(text),
  ]);
  const words: Line[] = [
    [
      strong('batch Dice'),
      dim('  soft overlap over a batch, as in the tutorial; what training sees'),
    ],
    [strong('image Dice'), dim('  overlap per image, empty on empty is 1; what Kaggle scores')],
    [strong('all empty'), dim('   the baseline: image Dice of never seeing a nerve at all')],
  ];
  const room = height - 2;
  const left = room - keys.length - words.length;
  const body =
    left > 0 ? [...keys, [], ...words] : left === 0 ? [...keys, ...words] : keys.slice(0, room);
  const inner = Math.min(width - 4, Math.max(...body.map(lineWidth)));
  const edge = (text: string): Line => [dim(text)];
  const title = ' Keys ';
  return [
    [
      dim(`${corners[0]}${rule}`),
      strong(title),
      dim(rule.repeat(Math.max(0, inner + 1 - title.length)) + corners[1]),
    ],
    ...body.map((line): Line => [dim(`${side} `), ...fitLine(line, inner), dim(` ${side}`)]),
    edge(corners[2] + rule.repeat(inner + 2) + corners[3]),
  ];
};

/** The panels' keys share a line; all others have their own. */
function helpEntries(): { label: string; text: string; rare: boolean }[] {
  const isPanel = ({ action }: KeyBinding): boolean => action.startsWith('panel:');
  const ofPanels = keyBindings.filter(isPanel);
  return keyBindings.flatMap((binding) => {
    const rare = binding.rare === true;
    if (binding.toldBy !== undefined) return [];
    if (!isPanel(binding)) return [{ label: binding.label, text: binding.help, rare }];
    if (binding !== ofPanels[0]) return [];
    const names = ofPanels.map(({ action }) => action.slice('panel:'.length));
    const label = `${binding.label}-${ofPanels.at(-1)?.label}`;
    return [{ label, text: `show or hide ${names.join(', ')}`, rare }];
  });
}
