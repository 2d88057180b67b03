// What `npm start`, `npm run demo` and `npm test` run first: installs and builds what is missing,
// and does nothing where nothing is. Speaks on stderr, so that stdout stays the program's.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnednn } from '../packages/tfjs-backend-onednn/scripts/find_onednn.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const onednnPackage = join('packages', 'tfjs-backend-onednn');
const stampFile = join(root, 'node_modules', '.nerveflow-setup.json');
const say = (line) => process.stderr.write(`nerveflow set-up: ${line}\n`);

checkNode();
const done = readStamps();
const needed = {
  dependencies: fingerprint([
    'package.json',
    'package-lock.json',
    join(onednnPackage, 'package.json'),
  ]),
  build: fingerprint([
    'tsconfig.json',
    'src',
    'web',
    join(onednnPackage, 'src'),
    join(onednnPackage, 'native'),
  ]),
};

if (done.dependencies !== needed.dependencies) {
  installOnednnLibrary();
  installDependencies();
  writeStamps({ dependencies: needed.dependencies });
}
if (done.build !== needed.build || !existsSync(join(root, 'dist', 'cli.js'))) {
  build();
  writeStamps(needed);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(`Node ${process.versions.node} is too old; nerveflow needs Node 20.19 or newer.`);
  process.exit(1);
}

function readStamps() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

function writeStamps(stamps) {
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, JSON.stringify(stamps));
}

/** Of the content of files and folders, and of the Node that builds for them. */
function fingerprint(paths) {
  const hash = createHash('sha256').update(`${process.versions.modules} ${process.arch}\n`);
  for (const path of paths.flatMap(filesUnder)) {
    hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

function filesUnder(path) {
  const absolute = join(root, path);
  if (!existsSync(absolute)) return [];
  if (statSync(absolute).isFile()) return [path];
  return readdirSync(absolute)
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}

/** The fast CPU backend is built against it; without it the slower WebAssembly one is used. */
function installOnednnLibrary() {
  if (findOnednn() || process.platform !== 'linux' || !has('apt-get')) return;
  const become = process.getuid() === 0 ? [] : ['sudo', '-n'];
  if (become.length > 0 && !succeeds('sudo', ['-n', 'true'])) {
    say('oneDNN is not installed (sudo apt-get install libdnnl-dev); training will be slower.');
    return;
  }
  say("installing Debian's libdnnl-dev (oneDNN), for training at the full speed of the processor");
  const apt = (...args) => {
    const [command, ...rest] = [...become, 'apt-get', ...args];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    return succeeds(command, rest, { env });
  };
  const isInstalled =
    apt('install', '-y', '--no-install-recommends', 'libdnnl-dev') ||
    (apt('update') && apt('install', '-y', '--no-install-recommends', 'libdnnl-dev'));
  if (!isInstalled) say('libdnnl-dev could not be installed; training will be slower.');
}

function installDependencies() {
  // Its install script would fetch CUDA's libraries for a package that only tests use.
  process.env.ONNXRUNTIME_NODE_INSTALL ??= 'skip';
  say('installing the packages it is made of');
  const { status } = npm('ci', '--no-audit', '--no-fund', '--loglevel=error');
  if (status !== 0) {
    say('npm could not install the packages; see above.');
    process.exit(1);
  }
  if (!existsSync(join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu'))) {
    say('no TensorFlow for CUDA here (it could not be downloaded): another backend computes.');
  }
}

function build() {
  say('building');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  // Whether the native part was built is for its own script to say, and no reason to stop.
  run(process.execPath, [tsc, '-p', onednnPackage]);
  run(process.execPath, [join(onednnPackage, 'scripts', 'install.mjs')]);
  if (run(process.execPath, [tsc, '-p', '.']).status !== 0) {
    say('the build failed; see above.');
    process.exit(1);
  }
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', 'web', '--logLevel', 'warn'];
  if (run(process.execPath, args).status !== 0) say('the web page was not built; see above.');
}

function npm(...args) {
  const cli = process.env.npm_execpath;
  return cli ? run(process.execPath, [cli, ...args]) : run('npm', args);
}

/** What it prints goes to stderr. */
function run(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
}

function succeeds(command, args, options = {}) {
  return spawnSync(command, args, { stdio: 'ignore', ...options }).status === 0;
}

function has(command) {
  return succeeds('sh', ['-c', `command -v ${command}`]);
}
