// Draws the dashboard of a real run as SVG, for the README:
//
//     node docs/screenshot.mjs docs/dashboard.svg [--epoch 12] [--columns 120] [--rows 40] -- demo
//
// Runs `node dist/cli.js <arguments>` in a pseudo-terminal, waits until its screen shows the epoch
// (or --until 'a regular expression'), strikes --keys, and writes what a terminal emulator then
// shows. Needs a built program (npm run setup).
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
    until: { type: 'string' },
    keys: { type: 'string', default: '' },
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
const awaited = new RegExp(values.until ?? `epoch\\s+${values.epoch}/`);
let isTaken = false;
program.onData((data) => {
  screen.write(data, () => {
    if (isTaken || !awaited.test(screenText())) return;
    isTaken = true;
    program.write(values.keys);
    // One more second, so that the figures of that epoch stand on the screen.
    setTimeout(() => {
      writeFileSync(target, svgOf(screen.buffer.active));
      // Its child ends with it.
      program.kill('SIGKILL');
      process.exit(0);
    }, 1500);
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

const cell = { width: 8.4, height: 18 };
const margin = 16;

function svgOf(buffer) {
  const texts = [];
  const shapes = new Map();
  for (let row = 0; row < rows; row++) {
    const line = buffer.getLine(row);
    for (const { text, column, style } of runsOf(line)) {
      const x = (margin + column * cell.width).toFixed(1);
      const y = margin + row * cell.height + 13;
      const width = (text.length * cell.width).toFixed(1);
      texts.push(`<text x="${x}" y="${y}" textLength="${width}" ${style}>${escaped(text)}</text>`);
    }
    for (const { fill, x, y, width, height } of shapesOf(line, row)) {
      const known = shapes.get(fill) ?? [];
      known.push(`M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}z`);
      shapes.set(fill, known);
    }
  }
  const paths = [...shapes].map(([fill, known]) => `<path ${fill} d="${known.join('')}"/>`);
  const width = Math.ceil(2 * margin + cols * cell.width);
  const height = 2 * margin + (rows - 1) * cell.height;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>The dashboard of nerveflow ${programArguments[0] ?? 'watch'} in a terminal of ${cols} x ${rows}</title>
<rect width="100%" height="100%" rx="8" fill="#16181d"/>
<g shape-rendering="crispEdges">
${paths.join('\n')}
</g>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">
${texts.join('\n')}
</g>
</svg>
`;
}

const short = (value) => String(Number(value.toFixed(2)));

/** Backgrounds, half-blocks, Braille and lines as shapes: no font draws them without gaps. */
function* shapesOf(line, row) {
  let run = null;
  const parts = [];
  const push = (fill, x, y, width, height) => {
    // Neighbours of one colour are one shape.
    if (run && run.fill === fill && run.y === y && run.height === height && near(run, x)) {
      run.width = x + width - run.x;
    } else {
      run = { fill, x, y, width, height };
      parts.push(run);
    }
  };
  const near = ({ x, width }, next) => Math.abs(x + width - next) < 0.01;
  for (const half of [0, 1]) {
    run = null;
    for (let column = 0; column < cols; column++) {
      const at = line.getCell(column);
      const x = margin + column * cell.width;
      const y = margin + row * cell.height;
      const character = at.getChars();
      if (half === 0 && !at.isBgDefault()) {
        const from = character === '▀' ? cell.height / 2 : 0;
        push(`fill="${backgroundOf(at)}"`, x, y + from, cell.width, cell.height - from);
      }
      if (half === 1) {
        for (const [left, top, width, height] of strokesOf(character)) {
          push(
            fillOf(at),
            x + left * cell.width,
            y + top * cell.height,
            width * cell.width,
            height * cell.height,
          );
        }
      }
    }
  }
  yield* parts;
}

/** In shares of a cell: left, top, width, height. */
function strokesOf(character) {
  const code = character.codePointAt(0) ?? 0;
  if (code > 0x2800 && code <= 0x28ff) return brailleDots(code - 0x2800);
  return strokes[character] ?? [];
}

const strokes = {
  '▀': [[0, 0, 1, 0.5]],
  '━': [[0, 0.44, 1, 0.12]],
  '─': [[0, 0.47, 1, 0.06]],
  '│': [[0.43, 0, 0.12, 1]],
  '┤': [
    [0.43, 0, 0.12, 1],
    [0, 0.47, 0.43, 0.06],
  ],
  '┈': [0.05, 0.3, 0.55, 0.8].map((left) => [left, 0.47, 0.13, 0.06]),
};

function brailleDots(bits) {
  const places = [0x01, 0x02, 0x04, 0x40, 0x08, 0x10, 0x20, 0x80];
  return places.flatMap((bit, index) =>
    bits & bit ? [[0.14 + 0.5 * (index >> 2), 0.04 + 0.25 * (index & 3), 0.3, 0.15]] : [],
  );
}

/** Neighbouring cells that look the same are one text; blank ones are left out. */
function* runsOf(line) {
  let run = null;
  for (let column = 0; column < cols; column++) {
    const cell = line.getCell(column);
    const text = cell.getChars() || ' ';
    const style = styleOf(cell);
    const isBlank = text === ' ' || strokesOf(text).length > 0;
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
  return `${fillOf(cell)}${cell.isBold() ? ' font-weight="bold"' : ''}`;
}

function fillOf(cell) {
  return `fill="${colourOf(cell)}"${cell.isDim() ? ' opacity="0.6"' : ''}`;
}

function backgroundOf(cell) {
  const value = cell.getBgColor();
  return cell.isBgRGB() ? `#${value.toString(16).padStart(6, '0')}` : paletteColour(value);
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
