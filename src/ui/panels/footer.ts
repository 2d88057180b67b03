import { printable } from '../format.js';
import {
  type Action,
  asksProgram,
  type KeyBinding,
  keyBindings,
} from '../keyboard/key-bindings.js';
import { dim, type Line, lineWidth, type Span, span, spreadLine } from '../layout/toned-line.js';
import type { Panel, View } from './panel.js';

/** The keys, or the question that a key asked. */
export const footer: Panel = (view, width) => {
  const { choices, nowMs } = view;
  if (choices.isTyping) {
    return [
      [
        dim('show failures with '),
        span(`/${printable(choices.filter)}_`, 'blue-strong'),
        dim('   enter keeps it, esc drops it'),
      ],
    ];
  }
  if (choices.stopping) {
    if (view.attached) return [[dim('leaving; the program goes on')]];
    return [[span('stopping… ', 'orange-strong'), dim('ctrl-c once more stops at once')]];
  }
  if (choices.confirmUntil !== null && nowMs < choices.confirmUntil) {
    const question = 'q again to stop: training is saved and resumes';
    return [
      [span(question, 'orange-strong'), dim(width > question.length + 16 ? '   esc goes on' : '')],
    ];
  }
  const toast = choices.toast !== null && nowMs < choices.toast.until ? choices.toast.text : '';
  const right: Span[] = toast === '' ? [] : [span(toast, 'blue')];
  return [
    spreadLine(keysThatFit(view, width - lineWidth(right) - (toast === '' ? 0 : 2)), right, width),
  ];
};

/** Where not all fit, the way out and the way to the rest stay. */
const neededMost: readonly Action[] = ['quit', 'help', 'pause', 'train', 'predict', 'retry'];

function keysThatFit(view: View, width: number): Line {
  const isUseful = (action: Action): boolean =>
    (action !== 'retry' || view.state.failures.total > 0) &&
    (view.attached?.control !== false || !asksProgram.has(action));
  const bindings = keyBindings.filter(
    ({ action, footer: word }) => word !== undefined && isUseful(action),
  );
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
  if (binding.action === 'pause' && view.state.paused) return 'go on';
  return binding.action === 'quit' && view.attached ? 'leave' : (binding.footer ?? '');
}
