// `npm run dev [-- options of demo]`: runs the program on demo data; builds it again and starts it anew
// whenever a source file changes. What it had trained goes on from its last checkpoint.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { watch } from 'chokidar';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
const demo = ['--enable-source-maps', join('dist', 'cli.js'), 'demo', ...process.argv.slice(2)];
/** An editor saves several files at once. */
const burstMs = 200;

let isChanged = true;
let wake = () => {};
watch(join(root, 'src'), { ignoreInitial: true }).on('all', () => {
  isChanged = true;
  wake();
});
// The program gets it too, and says by its exit code that a person stopped it.
process.on('SIGINT', () => {});

let program = null;
while (await changedOrStopped()) {
  await wait(burstMs);
  isChanged = false;
  await stopProgram();
  if (await build()) program = start(demo);
}
process.exit();

/** False where the person ended the program, or where there is none and they press ctrl-c. */
async function changedOrStopped() {
  while (!isChanged) {
    const change = new Promise((resolve) => {
      wake = resolve;
    });
    const ended = program === null ? once(process, 'SIGINT') : once(program, 'exit');
    await Promise.race([change, ended]);
    if (isChanged) break;
    if (program === null || isStoppedByPerson(program)) return false;
    program = null;
    process.stderr.write(
      'The program has ended; waiting for a change of src (ctrl-c ends this).\n',
    );
  }
  return true;
}

function isStoppedByPerson({ exitCode }) {
  return exitCode === 130 || (exitCode === 0 && process.stdin.isTTY);
}

async function stopProgram() {
  if (program !== null && program.exitCode === null && program.kill()) await once(program, 'exit');
  program = null;
}

async function build() {
  const [code] = await once(start([tsc, '-p', '.']), 'exit');
  return code === 0;
}

function start(args) {
  return spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
}
