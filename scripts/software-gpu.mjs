// Fetches Vulkan on the processor for the tests of the WebGPU backend: SwiftShader with a Vulkan
// loader, as the npm package @sparticuz/chromium carries them (SwiftShader and the loader: Apache-2.0).
// Only Linux on x64 needs it. No test depends on the network: without it the tests that compute on
// WebGPU are skipped, unless NERVEFLOW_EXPECT_WEBGPU is set. Speaks on stderr.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

const source = '@sparticuz/chromium@147.0.0';
const archive = join('package', 'bin', 'swiftshader.tar.br');
const sha256 = 'f957ea867313f9815b71dc2ed30cce301e01db4f3973fbdb31ffa5391b0ec45a';
const files = ['libvulkan.so.1', 'libvk_swiftshader.so', 'vk_swiftshader_icd.json'];

const cache = join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules', '.cache');
const folder = join(cache, 'nerveflow-software-gpu');

if (process.platform === 'linux' && process.arch === 'x64' && !existsSync(folder)) {
  try {
    fetchDriver();
  } catch (error) {
    say(`no software GPU, so the tests that compute on WebGPU are skipped: ${error.message}`);
  }
}

function fetchDriver() {
  say(`fetching ${source} for its software Vulkan driver (66 MB, once, for the tests)`);
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    npm(work, 'pack', source, '--silent', '--pack-destination', work);
    const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'));
    if (!tarball) throw new Error(`npm brought no ${source}`);
    run(work, 'tar', '-xzf', tarball, archive);
    const packed = readFileSync(join(work, archive));
    const found = createHash('sha256').update(packed).digest('hex');
    if (found !== sha256) throw new Error(`${archive} of ${source} is not the one it was`);
    writeFileSync(join(work, 'driver.tar'), brotliDecompressSync(packed));
    const out = join(work, 'driver');
    mkdirSync(out);
    run(work, 'tar', '-xf', 'driver.tar', '-C', out, '--no-same-owner', ...files);
    renameSync(out, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function npm(cwd, ...args) {
  const cli = process.env.npm_execpath;
  if (cli) run(cwd, process.execPath, cli, ...args);
  else run(cwd, 'npm', ...args);
}

function run(cwd, command, ...args) {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split('\n').at(-1);
  throw new Error(`${command} ${args[0]}: ${reason}`);
}

function say(line) {
  process.stderr.write(`nerveflow set-up: ${line}\n`);
}
