// Builds the native addon from source where oneDNN is found. Never fails an installation: without
// oneDNN, a compiler or Node's headers it says so in one line and exits 0, and the package then
// reports itself unavailable. `--strict` (npm run build) turns a failed build into exit code 1.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnednn } from './find_onednn.mjs';
import { nativeSources } from './native_sources.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const addon = join(root, 'build', 'Release', 'onednn.node');
const stampFile = join(root, 'build', 'stamp');

/** What a build depends on: a build with the same stamp need not be made again. */
function stamp(onednn) {
  const hash = createHash('sha256');
  hash.update([onednn.version, onednn.include, process.versions.modules, process.arch].join());
  const native = join(root, 'native');
  const sources = readdirSync(native)
    .sort()
    .map((name) => join(native, name));
  for (const file of [...sources, join(root, 'binding.gyp')]) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** What the addon says that it was built from, asked in a process of its own; undefined of none. */
function builtFrom() {
  if (!existsSync(addon) || !existsSync(stampFile)) return undefined;
  const ask = 'process.stdout.write(require(process.argv[1]).sources())';
  const { status, stdout } = spawnSync(process.execPath, ['-e', ask, addon], { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

function nodeGyp() {
  const prefix = join(dirname(process.execPath), '..');
  const bundled = join('node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const npmCli = process.env.npm_execpath;
  const candidates = [
    process.env.npm_config_node_gyp,
    npmCli && join(dirname(npmCli), '..', bundled),
    join(prefix, 'lib', 'node_modules', 'npm', bundled),
    join(prefix, 'node_modules', 'npm', bundled),
    join(root, bundled),
  ];
  return candidates.find((file) => file && existsSync(file));
}

/** Node's own headers, where it was installed with them: nothing has to be downloaded then. */
function nodeHeaders() {
  const prefix = join(dirname(process.execPath), '..');
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? [`--nodedir=${prefix}`] : [];
}

/** @returns {string | undefined} why there is no addon */
function build() {
  const onednn = findOnednn();
  if (!onednn)
    return 'oneDNN was not found (Debian and Ubuntu: libdnnl-dev, Fedora: onednn-devel, macOS: brew install onednn, elsewhere: set ONEDNN_ROOT)';
  const wanted = stamp(onednn);
  if (builtFrom() === nativeSources() && readFileSync(stampFile, 'utf8') === wanted)
    return undefined;
  const gyp = nodeGyp();
  if (!gyp) return 'node-gyp was not found beside npm';
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [gyp, 'rebuild', '-j', 'max', ...nodeHeaders()],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (status !== 0) {
    if (process.argv.includes('--strict')) process.stderr.write(`${stdout}\n${stderr}\n`);
    const cause = /^.*error.*$/im.exec(stderr)?.[0]?.trim() ?? 'the build failed';
    return `the addon did not build against oneDNN ${onednn.version} (${cause})`;
  }
  writeFileSync(stampFile, wanted);
  return undefined;
}

let problem;
try {
  problem = build();
} catch (error) {
  problem = error instanceof Error ? error.message.split('\n')[0] : String(error);
}
if (problem) {
  console.log(`tfjs-backend-onednn: ${problem}; the onednn backend will not be available.`);
  if (process.argv.includes('--strict')) process.exitCode = 1;
}
