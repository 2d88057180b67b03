import { type Action, type KeyBinding, keyBindings } from '../keys.js';
import { dim, type Line, lineWidth, type Span, span, spreadLine } from '../line.js';
import type { Panel, View } from '../view.js';

/** The keys, or the question that a key asked. */
export const footer: Panel = (view, width) => {
  const { ui, nowMs } = view;
  if (ui.stopping) {
    return [[span('stopping… ', 'orange-strong'), dim('ctrl-c once more stops at once')]];
  }
  if (ui.confirmUntil !== null && nowMs < ui.confirmUntil) {
    const question = 'q again to stop: training is saved and resumes';
    return [
      [span(question, 'orange-strong'), dim(width > question.length + 16 ? '   esc goes on' : '')],
    ];
  }
  const toast = ui.toast !== null && nowMs < ui.toast.until ? ui.toast.text : '';
  const right: Span[] = toast === '' ? [] : [span(toast, 'blue')];
  return [
    spreadLine(keysThatFit(view, width - lineWidth(right) - (toast === '' ? 0 : 2)), right, width),
  ];
};

/** Where not all fit, the way out and the way to the rest stay. */
const neededMost: readonly Action[] = ['quit', 'help', 'pause', 'train', 'predict'];

function keysThatFit(view: View, width: number): Line {
  const bindings = keyBindings.filter(({ footer: word }) => word !== undefined);
  const gap = width >= 60 ? 3 : 2;
  const widthOf = (binding: KeyBinding): number =>
    binding.label.length + 1 + wordOf(binding, view).length + gap;
  const shown = new Set<Action>();
  let left = width + gap;
  for (const action of neededMost) {
    const binding = bindings.find((candidate) => candidate.action === action);
    if (binding === undefined || widthOf(binding) > left) continue;
    shown.add(action);
    left -= widthOf(binding);
  }
  return bindings
    .filter(({ action }) => shown.has(action))
    .flatMap((binding, index) => [
      span(index > 0 ? ' '.repeat(gap) : ''),
      span(binding.label, 'blue-strong'),
      dim(` ${wordOf(binding, view)}`),
    ]);
}

function wordOf(binding: KeyBinding, view: View): string {
  return binding.action === 'pause' && view.state.paused ? 'go on' : (binding.footer ?? '');
}
