import type { GpuUse } from '../../events.js';
import { formatBytes, formatCount } from '../format.js';
import { padEnd, padStart } from '../layout/text-width.js';
import { dim, type Line, type Span, span } from '../layout/toned-line.js';
import { scarceDisk, tensorLeak } from '../state/system-state.js';
import type { Panel, View } from './panel.js';
import { panelTitle } from './panel-title.js';

/** What the program takes of the machine, and what is left of its disk. */
export const system: Panel = (view, width, height) => {
  const { latest } = view.state.system;
  if (latest === null) return [panelTitle(view, 'system', [dim('not measured yet')])];
  const { program, compute, diskFree, gpu } = latest;
  if (height < 4) return [panelTitle(view, 'system', inOneLine(view))];
  const row = (name: string, ...values: readonly Span[]): Line => [dim(padEnd(name, 9)), ...values];
  const cost = ({ cpu, rss }: { cpu: number | null; rss: number }): Span[] => [
    span(padStart(cpuText(cpu), 6)),
    dim(' CPU  '),
    span(padStart(formatBytes(rss), 7)),
    dim(width >= 32 ? ' RAM' : ''),
  ];
  return [
    panelTitle(view, 'system'),
    row('program', ...cost(program)),
    row('compute', ...(compute === null ? [dim('not told yet')] : cost(compute))),
    row('tensors', ...tensorsOf(view)),
    ...(gpu === undefined ? [] : [row('GPU', ...gpuOf(gpu, width))]),
    row('disk', ...diskOf(diskFree)),
  ].slice(0, height);
};

/** The card's name is in the header. */
function gpuOf({ busy, memoryUsed, memoryTotal }: GpuUse, width: number): Span[] {
  const of = memoryTotal === null || width < 38 ? '' : ` of ${formatBytes(memoryTotal)}`;
  return [
    span(padStart(cpuText(busy), 6)),
    dim(' busy '),
    ...(memoryUsed === null ? [] : [span(padStart(formatBytes(memoryUsed), 7)), dim(of)]),
  ];
}

/** Of one core, as `top` has it. */
function cpuText(cpu: number | null): string {
  return cpu === null ? '·' : `${cpu < 0.1 ? (cpu * 100).toFixed(1) : Math.round(cpu * 100)}%`;
}

function tensorsOf({ state, theme }: View): Span[] {
  const compute = state.system.latest?.compute ?? null;
  if (compute === null) return [dim(theme.glyphs.none)];
  const leak = tensorLeak(state.system);
  return leak === null
    ? [
        span(padStart(formatCount(compute.tensors), 6)),
        dim(`  ${formatBytes(compute.tensorBytes)}`),
      ]
    : [
        span(
          `${formatCount(compute.tensors)}, ${formatCount(leak)} more: a leak?`,
          'orange-strong',
        ),
      ];
}

function diskOf(diskFree: number | null): Span[] {
  if (diskFree === null) return [dim('not known')];
  return diskFree < scarceDisk
    ? [span(`only ${formatBytes(diskFree)} left`, 'orange-strong')]
    : [span(padStart(formatBytes(diskFree), 7)), dim(' left')];
}

function inOneLine(view: View): Line {
  const { program, compute, diskFree, gpu } = view.state.system.latest ?? {};
  const together = (program?.rss ?? 0) + (compute?.rss ?? 0);
  const cpu = [program?.cpu, compute?.cpu].filter((share) => typeof share === 'number');
  return [
    span(cpuText(cpu.length === 0 ? null : cpu.reduce((sum, share) => sum + share, 0))),
    dim(' CPU  '),
    span(formatBytes(together)),
    dim(' RAM  tensors '),
    ...tensorsOf(view),
    ...(gpu === undefined ? [] : [dim('  GPU '), span(cpuText(gpu.busy))]),
    dim('  disk '),
    ...diskOf(diskFree ?? null),
  ];
}
