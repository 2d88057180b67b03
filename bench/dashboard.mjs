// What the dashboard costs while a training runs: processor time of the main process, from /proc, and
// bytes that go to the terminal, for each way to look at it in turn.
//
//     node bench/dashboard.mjs [--seconds 30] [--rounds 1] [--warm-up 0] [--sizes 80x24,120x40] --raw <folder>
//
// `plain` is the same program without a dashboard. In its first minute Node still compiles what runs
// often, on threads of its own; --warm-up trains so many seconds before it measures. Linux only; needs a built program (npm run setup).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '1' },
    'warm-up': { type: 'string', default: '0' },
    sizes: { type: 'string', default: '80x24,120x40' },
    raw: { type: 'string' },
  },
});
const windowMs = Number(values.seconds) * 1000;
const ticksPerSecond = 100;

const ways = ['plain', 'blocks', 'kitty', 'sixel'];
const results = new Map();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const size of values.sizes.split(',')) {
    for (const way of ways) {
      const name = `${size} ${way}`;
      results.set(name, [...(results.get(name) ?? []), await measure(size, way)]);
    }
  }
}
console.log('| terminal | seen as | CPU of the main process, % of a core | kB/s to the terminal |');
console.log('| --- | --- | --- | --- |');
for (const [name, all] of results) {
  const [size, way] = name.split(' ');
  const median = (key) => all.map((one) => one[key]).sort((a, b) => a - b)[all.length >> 1];
  console.log(`| ${size} | ${way} | ${median('cpu').toFixed(1)} | ${median('rate').toFixed(1)} |`);
}
process.exit(0);

/** From the first step on, so that nothing of the start is counted. */
async function measure(size, way) {
  const [cols, rows] = size.split('x').map(Number);
  const store = mkdtempSync(join(tmpdir(), 'nerveflow-dashboard-'));
  const look = way === 'plain' ? ['--plain'] : ['--pictures', way];
  const args = ['watch', '--raw', values.raw, '--store', store, '--epochs', '1000', ...look];
  const program = spawn(process.execPath, [join(root, 'dist', 'cli.js'), ...args], {
    cols,
    rows,
    name: 'xterm-256color',
    env: { ...process.env, CI: '', COLORTERM: 'truecolor' },
  });
  const screen = new xterm.Terminal({ cols, rows, allowProposedApi: true });
  let bytes = 0;
  const training = new Promise((resolve) => {
    program.onData((data) => {
      bytes += data.length;
      screen.write(data, () => {
        const { active } = screen.buffer;
        const lines = Array.from({ length: rows }, (_, row) =>
          active.getLine(row)?.translateToString(),
        );
        if (/epoch +2\/|epoch 1\/1000/.test(lines.join('\n'))) resolve();
      });
    });
  });
  try {
    await training;
    await new Promise((resolve) => setTimeout(resolve, Number(values['warm-up']) * 1000));
    const from = { cpu: cpuSeconds(program.pid), bytes, at: performance.now() };
    await new Promise((resolve) => setTimeout(resolve, windowMs));
    const seconds = (performance.now() - from.at) / 1000;
    return {
      cpu: ((cpuSeconds(program.pid) - from.cpu) / seconds) * 100,
      rate: (bytes - from.bytes) / 1000 / seconds,
    };
  } finally {
    program.kill('SIGKILL');
    rmSync(store, { recursive: true, force: true });
  }
}

/** User and system time of one process, its children not among it. */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
