// Runs oneDNN's convolutions alone, this backend and PyTorch in turn, several times over, and
// prints medians and ratios. Only numbers of one such run compare: the machine's other work
// slows them all.
//
//   node bench/onednn/compare.mjs [--rounds 3] [--steps 5] [--no-torch] [--json]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '5' },
    'no-torch': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const { rounds, steps } = options;

const floor = join(here, 'build', 'floor');
if (!existsSync(floor)) {
  mkdirSync(dirname(floor), { recursive: true });
  const source = join(here, 'floor.cpp');
  execFileSync('g++', ['-O2', '-std=c++17', '-fopenmp', source, '-o', floor, '-ldnnl']);
}

const run = (command, args, env = {}) =>
  execFileSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });

function convolutions(...args) {
  const out = run(floor, ['--repeat', steps, ...args]);
  const [, step, forward] = /([\d.]+) images\/s a step, ([\d.]+) forward/.exec(out);
  return { train: Number(step), predict: Number(forward) };
}

function ours(...args) {
  const report = JSON.parse(
    run(process.execPath, [join(here, 'step.mjs'), '--json', '--steps', steps, ...args]),
  );
  return {
    train: report.train.imagesPerSecond.median,
    predict: report.predict.imagesPerSecond.median,
    peakRssMB: report.peakRssMB,
  };
}

const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const peer = join(here, '..', 'peers', 'torch_unet.py');
const jemalloc = '/usr/lib/x86_64-linux-gnu/libjemalloc.so.2';
function torch(env, ...args) {
  const mode = (name) =>
    JSON.parse(run(python, [peer, '--json', '--steps', steps, '--mode', name, ...args], env))
      .imagesPerSecond.median;
  return { train: mode('train'), predict: mode('predict') };
}

const contenders = {
  'oneDNN convolutions, blocked, direct': () => convolutions(),
  'oneDNN convolutions, blocked, Winograd': () => convolutions('--algorithm', 'winograd'),
  'oneDNN convolutions, blocked, auto': () => convolutions('--algorithm', 'auto'),
  'oneDNN convolutions, NHWC, bf16': () => convolutions('--layout', 'nhwc', '--type', 'bf16'),
  'tfjs-backend-onednn float32': () => ours(),
  'tfjs-backend-onednn bf16': () => ours('--precision', 'bf16'),
};
if (!options['no-torch']) {
  contenders['PyTorch NCHW'] = () => torch({});
  contenders['PyTorch channels_last'] = () => torch({}, '--channels-last');
  if (existsSync(jemalloc)) {
    contenders['PyTorch NCHW, jemalloc'] = () => torch({ LD_PRELOAD: jemalloc });
    contenders['PyTorch channels_last, jemalloc'] = () =>
      torch({ LD_PRELOAD: jemalloc }, '--channels-last');
  }
  contenders['PyTorch bf16 autocast'] = () => torch({}, '--bf16');
  contenders['PyTorch bf16 autocast, channels_last'] = () => torch({}, '--bf16', '--channels-last');
}

const samples = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
for (let round = 0; round < Number(rounds); round++)
  for (const [name, measure] of Object.entries(contenders)) {
    try {
      samples[name].push(measure());
    } catch (error) {
      if (round === 0) console.error(`${name}: ${error.message.split('\n')[0]}`);
    }
  }

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}
const rows = Object.entries(samples)
  .filter(([, list]) => list.length > 0)
  .map(([name, list]) => ({
    name,
    train: median(list.map((s) => s.train)),
    predict: median(list.map((s) => s.predict)),
    peakRssMB: list[0].peakRssMB && median(list.map((s) => s.peakRssMB)),
  }));

const best = (mode, test) => Math.max(...rows.filter((r) => test(r.name)).map((r) => r[mode]));
const row = (name) => rows.find((r) => r.name === name);
const [full, half] = [row('tfjs-backend-onednn float32'), row('tfjs-backend-onednn bf16')];
const isFloatTorch = (name) => name.startsWith('PyTorch') && !name.includes('bf16');
const isHalfTorch = (name) => name.startsWith('PyTorch') && name.includes('bf16');
const isFloatFloor = (name) => name.startsWith('oneDNN') && !name.includes('bf16');
const ratios = {
  'float32 / best convolutions alone': full.train / best('train', isFloatFloor),
  'float32 / PyTorch float32': full.train / best('train', isFloatTorch),
  'bf16 / float32': half && half.train / full.train,
  'bf16 / PyTorch bf16': half && half.train / best('train', isHalfTorch),
  'prediction float32 / PyTorch float32': full.predict / best('predict', isFloatTorch),
  'prediction bf16 / PyTorch bf16': half && half.predict / best('predict', isHalfTorch),
};

if (options.json) console.log(JSON.stringify({ rows, ratios }));
else {
  console.log(
    'images/s, medians'.padEnd(42),
    'train'.padStart(8),
    'predict'.padStart(9),
    ' peak MB',
  );
  for (const r of rows)
    console.log(
      r.name.padEnd(42),
      r.train.toFixed(1).padStart(8),
      r.predict.toFixed(1).padStart(9),
      r.peakRssMB ? r.peakRssMB.toFixed(0).padStart(8) : '',
    );
  for (const [name, ratio] of Object.entries(ratios))
    if (Number.isFinite(ratio)) console.log(`${name}: ${ratio.toFixed(2)}`);
}
