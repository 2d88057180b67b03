// Runs TensorFlow.js' published specs against this backend and against its own cpu backend, and
// lists the specs that only this backend fails. Exit code 1 if there are any.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const config = fileURLToPath(new URL('../test/specs/vitest.config.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'onednn-specs-'));

function run(backend) {
  const report = join(folder, `${backend}.json`);
  spawnSync(
    'npx',
    ['vitest', 'run', '--config', config, '--reporter=json', `--outputFile=${report}`],
    { env: { ...process.env, SPEC_BACKEND: backend }, stdio: 'ignore' },
  );
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const specs = new Map();
  for (const file of testResults)
    for (const one of file.assertionResults) specs.set(one.fullName, one);
  return specs;
}

const [cpu, onednn] = [run('cpu'), run('onednn')];
rmSync(folder, { recursive: true });
const passed = (specs) => [...specs.values()].filter((one) => one.status === 'passed').length;
const worse = [...onednn].filter(
  ([name, one]) => one.status === 'failed' && cpu.get(name)?.status === 'passed',
);
console.log(
  `cpu: ${passed(cpu)} of ${cpu.size} specs pass; onednn: ${passed(onednn)} of ${onednn.size}`,
);
for (const [name, one] of worse)
  console.log(`only onednn fails: ${name}\n    ${one.failureMessages[0]?.split('\n')[0]}`);
if (worse.length > 0 || onednn.size === 0) process.exitCode = 1;
