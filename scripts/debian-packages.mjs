// Installs Debian's packages that a test suite needs: `readers` what reads exports, `browser` Chromium.
// Only a Debian with apt-get, as root or by sudo without a password, can; elsewhere those tests are
// skipped, unless NERVEFLOW_EXPECT_READERS or _BROWSER is set. Speaks on stderr.
import { spawnSync } from 'node:child_process';

const packages = {
  readers: [
    ...['python3-numpy', 'python3-pil', 'python3-nibabel', 'python3-h5py'],
    ...['dcmtk', 'dicom3tools'],
  ],
  browser: ['chromium'],
};

const suite = process.argv[2];
const isInstalled = (name) =>
  /^Status: .* installed$/m.test(
    spawnSync('dpkg', ['-s', name], { encoding: 'utf8' }).stdout ?? '',
  );

const missing = packages[suite].filter((name) => !isInstalled(name));
if (missing.length > 0) install();

function install() {
  say(`installing ${missing.join(', ')} (once, for the tests)`);
  const before = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => {
    const [command, ...all] = [...before, 'apt-get', '-qq', ...args];
    return spawnSync(command, all, { env, encoding: 'utf8' });
  };
  apt('update');
  const { status, error, stderr } = apt('install', '-y', '--no-install-recommends', ...missing);
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split('\n').at(-1);
  say(`the tests of ${suite} that need them are skipped: ${reason}`);
}

function say(line) {
  process.stderr.write(`nerveflow set-up: ${line}\n`);
}
