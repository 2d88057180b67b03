import type { Line } from '../../src/ui/layout/toned-line.js';

export function lineText(line: Line): string {
  return line.map(({ text }) => text).join('');
}
