// See bench/gpu.sh. Contenders take turns, round by round, so that a drift of the machine hits all.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '64x80,256x320' },
    batch: { type: 'string', default: '32' },
    recipe: { type: 'string', default: 'tutorial' },
    rounds: { type: 'string', default: '3' },
    rungs: { type: 'string', default: 'tensorflow,webgpu' },
    'no-tests': { type: 'boolean', default: false },
    'no-torch': { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const sizes = options.sizes.split(',');
const rounds = Number(options.rounds);
const python = process.env.PYTHON ?? 'python3';
const kaggleImages = 5635;
const isSoftware = process.env.NERVEFLOW_WEBGPU_SOFTWARE === '1';
const say = (line) => process.stderr.write(`${line}\n`);

const doctor = JSON.parse(program('doctor', '--store', 'store', '--json'));
const rungs = doctor.backends.filter(({ backend }) => options.rungs.split(',').includes(backend));
const usable = rungs.filter((rung) => rung.usable && rung.rung !== 'tensorflow-cpu');
// The peer knows that network only.
const peerNetwork = options.recipe === 'tutorial' ? '' : " (the tutorial's network)";
const torch = options['no-torch'] ? { reason: '--no-torch' } : findTorch();
const contenders = [
  ...usable.map((rung) => ({
    name: rung.backend,
    measure: (mode, size) => ours(rung.backend, mode, size),
  })),
  ...(torch.reason
    ? []
    : [
        { name: `PyTorch float32${peerNetwork}`, measure: (mode, size) => peer(mode, size) },
        // Of a card's tensor cores: on the processor it is float32 once more.
        ...(isSoftware
          ? []
          : [
              {
                name: `PyTorch TF32${peerNetwork}`,
                measure: (mode, size) => peer(mode, size, '--tf32'),
              },
            ]),
      ]),
];

const correctness = options['no-tests'] ? 'not run (--no-tests)' : testKernels();
const rows = [];
for (const size of sizes) {
  for (const mode of ['train', 'predict']) {
    const found = new Map(contenders.map(({ name }) => [name, []]));
    for (let round = 1; round <= rounds; round++) {
      for (const { name, measure } of contenders) {
        say(`${mode} ${size}, round ${round} of ${rounds}: ${name}`);
        found.get(name).push(await measure(mode, size));
      }
    }
    for (const [name, figures] of found) rows.push(rowOf(mode, size, name, figures));
  }
}
const text = report();
process.stdout.write(text);
if (options.out) writeFileSync(options.out, text);

function program(...args) {
  return execFileSync(process.execPath, ['dist/cli.js', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The tests of the kernels and of ten training steps against the cpu backend, on this GPU. */
function testKernels() {
  say('correctness: test/compute/webgpu');
  const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'gpu'], {
    stdio: ['ignore', 2, 2],
    env: {
      ...process.env,
      NERVEFLOW_EXPECT_WEBGPU: '1',
      ...(isSoftware ? {} : { NERVEFLOW_WEBGPU_HARDWARE: '1' }),
    },
  });
  return status === 0 ? 'passed' : 'FAILED: what follows is not to be trusted';
}

async function ours(backend, mode, size) {
  const args = ['bench', mode, '--backend', backend, '--recipe', options.recipe];
  args.push('--size', size, '--batch-size', options.batch, '--json');
  return measured(process.execPath, ['dist/cli.js', ...args]);
}

async function peer(mode, size, ...more) {
  const args = ['--device', isSoftware ? 'cpu' : 'cuda', '--steps', '20', '--json', ...more];
  return measured(python, [
    'bench/peers/torch_unet.py',
    '--mode',
    mode,
    '--size',
    size,
    '--batch',
    options.batch,
    ...args,
  ]);
}

/** A contender's figures, and the GPU's memory while it ran; a failure is a row that says so. */
async function measured(command, args) {
  const memory = watchGpuMemory();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  const gpuMB = memory.stop();
  if (code === 0) return { ...JSON.parse(stdout), gpuMB };
  say(stderr);
  return { failed: stderr.trim().split('\n').at(-1) || `ended with code ${code}` };
}

/** Above what was in use before; null where nvidia-smi does not tell. */
function watchGpuMemory() {
  const query = ['--query-gpu=memory.used', '--format=csv,noheader,nounits'];
  const before = spawnSync('nvidia-smi', [...query, '-i', '0'], { encoding: 'utf8' });
  if (before.status !== 0) return { stop: () => null };
  let most = Number(before.stdout);
  const child = spawn('nvidia-smi', [...query, '-i', '0', '-lms', '200']);
  createInterface({ input: child.stdout }).on('line', (line) => {
    most = Math.max(most, Number(line));
  });
  return {
    stop: () => {
      child.kill();
      return most - Number(before.stdout);
    },
  };
}

function findTorch() {
  const check = 'import torch; print(torch.__version__, torch.cuda.is_available())';
  const { status, stdout } = spawnSync(python, ['-c', check], { encoding: 'utf8' });
  if (status !== 0) return { reason: `${python} has no torch` };
  const [version, cuda] = stdout.trim().split(' ');
  if (cuda !== 'True' && !isSoftware) return { reason: `torch ${version} sees no CUDA device` };
  return { version };
}

function rowOf(mode, size, name, figures) {
  const failed = figures.find((each) => each.failed);
  if (failed) return [name, mode, size, `failed: ${failed.failed}`, '', '', ''];
  const rates = figures.map((each) => each.imagesPerSecond.median).sort((a, b) => a - b);
  const median = rates[Math.floor(rates.length / 2)];
  const memory = Math.max(...figures.map((each) => each.gpuMB ?? Number.NaN));
  return [
    name,
    mode,
    size,
    median.toFixed(1),
    `${rates[0].toFixed(1)} to ${rates.at(-1).toFixed(1)}`,
    mode === 'train' && size === '64x80' ? (kaggleImages / median).toFixed(1) : '',
    Number.isNaN(memory) ? '' : String(memory),
  ];
}

function report() {
  const gpu = spawnSync(
    'nvidia-smi',
    ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'],
    { encoding: 'utf8' },
  );
  const lines = [
    `${new Date().toISOString().slice(0, 10)}, node ${doctor.node}, ${gpu.status === 0 ? gpu.stdout.trim() : 'no nvidia-smi'}`,
    ...(isSoftware
      ? ['', '**Software adapter: shows that this runs, and no speed of a GPU.**']
      : []),
    '',
    ...rungs.map((rung) => `- ${rung.rung}: ${rung.usable ? rung.device : rung.reason}`),
    `- PyTorch: ${torch.reason ?? torch.version}${isSoftware && !torch.reason ? ', on the processor' : ''}`,
    `- kernels against the cpu backend: ${correctness}`,
    '',
    `recipe ${options.recipe}, batch ${options.batch}, ${rounds} rounds in turn`,
    '',
    '| what | | size | images/s, median | rounds | s an epoch of 5,635 | GPU MB |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ];
  return `${lines.join('\n')}\n`;
}
