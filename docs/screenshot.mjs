// Draws the dashboard of a real run as SVG, for the README:
//
//     node docs/screenshot.mjs docs/dashboard.svg [--epoch 12] [--columns 120] [--rows 40] -- demo
//
// Runs `node dist/cli.js <arguments>` in a pseudo-terminal, waits until its screen shows the epoch,
// and writes what a terminal emulator then shows. Needs a built program (npm run setup).
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    epoch: { type: 'string', default: '12' },
    columns: { type: 'string', default: '120' },
    rows: { type: 'string', default: '40' },
  },
});
const [target, ...programArguments] = positionals;
const cols = Number(values.columns);
const rows = Number(values.rows);

const screen = new xterm.Terminal({ cols, rows, allowProposedApi: true });
const program = spawn(process.execPath, [join(root, 'dist', 'cli.js'), ...programArguments], {
  cols,
  rows,
  cwd: root,
  name: 'xterm-256color',
  env: { ...process.env, CI: '', COLORTERM: 'truecolor' },
});
const awaited = new RegExp(`epoch\\s+${values.epoch}/`);
let isTaken = false;
program.onData((data) => {
  screen.write(data, () => {
    if (isTaken || !awaited.test(screenText())) return;
    isTaken = true;
    // One more second, so that the figures of that epoch stand on the screen.
    setTimeout(() => {
      writeFileSync(target, svgOf(screen.buffer.active));
      program.kill('SIGKILL');
      process.exit(0);
    }, 1000);
  });
});
program.onExit(() => {
  console.error(`The program ended before epoch ${values.epoch} was on its screen.`);
  process.exit(1);
});

function screenText() {
  const buffer = screen.buffer.active;
  return Array.from({ length: rows }, (_, row) => buffer.getLine(row)?.translateToString()).join(
    '\n',
  );
}

function svgOf(buffer) {
  const cell = { width: 8.4, height: 18 };
  const margin = 16;
  const runs = [];
  for (let row = 0; row < rows; row++) {
    for (const { text, column, style } of runsOf(buffer.getLine(row))) {
      const x = (margin + column * cell.width).toFixed(1);
      const y = margin + row * cell.height + 13;
      const width = (text.length * cell.width).toFixed(1);
      runs.push(`<text x="${x}" y="${y}" textLength="${width}" ${style}>${escaped(text)}</text>`);
    }
  }
  const width = Math.ceil(2 * margin + cols * cell.width);
  const height = 2 * margin + rows * cell.height;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<rect width="100%" height="100%" rx="8" fill="#16181d"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">
${runs.join('\n')}
</g>
</svg>
`;
}

/** Neighbouring cells that look the same are one text; blank ones are left out. */
function* runsOf(line) {
  let run = null;
  for (let column = 0; column < cols; column++) {
    const cell = line.getCell(column);
    const text = cell.getChars() || ' ';
    const style = styleOf(cell);
    const isBlank = text === ' ' && !cell.isInverse();
    if (run && (isBlank || run.style !== style)) {
      yield run;
      run = null;
    }
    if (isBlank) continue;
    if (run) run.text += text;
    else run = { text, column, style };
  }
  if (run) yield run;
}

function styleOf(cell) {
  const fill = colourOf(cell);
  const weight = cell.isBold() ? ' font-weight="bold"' : '';
  const opacity = cell.isDim() ? ' opacity="0.6"' : '';
  return `fill="${fill}"${weight}${opacity}`;
}

function colourOf(cell) {
  const value = cell.getFgColor();
  if (cell.isFgRGB()) return `#${value.toString(16).padStart(6, '0')}`;
  if (cell.isFgPalette()) return paletteColour(value);
  return '#d7dae0';
}

/** xterm's 256 colours: 16 named ones, a 6x6x6 cube, 24 greys. */
function paletteColour(index) {
  const named = [
    '#3b4048',
    '#e06c75',
    '#98c379',
    '#e5c07b',
    '#61afef',
    '#c678dd',
    '#56b6c2',
    '#abb2bf',
    '#5c6370',
    '#ff7a85',
    '#b5e890',
    '#ffd68a',
    '#7cc4ff',
    '#e0a0f0',
    '#7fdbe6',
    '#ffffff',
  ];
  if (index < 16) return named[index];
  if (index >= 232) {
    const grey = (8 + (index - 232) * 10).toString(16).padStart(2, '0');
    return `#${grey}${grey}${grey}`;
  }
  const level = (n) => (n === 0 ? 0 : 55 + n * 40).toString(16).padStart(2, '0');
  const cube = index - 16;
  return `#${level(Math.floor(cube / 36))}${level(Math.floor(cube / 6) % 6)}${level(cube % 6)}`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
