import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { OpencvPeer } from '../../src/measure/opencv-peer.js';

const folder = mkdtempSync(join(tmpdir(), 'nerveflow-peer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Something that answers like a Python. */
function python(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('where no Python has OpenCV, that is said, and how to get it', async () => {
  const without = python('without', 'exit 1');
  const found = await OpencvPeer.start(folder, '8x8', [join(folder, 'nowhere'), without]);
  expect(found).toMatchObject({ ok: false, failure: { code: 'NO_PEER' } });
  expect(!found.ok && found.failure.message).toContain('apt-get install python3-opencv');
});

test('the first Python that has OpenCV is asked for one round at a time, or is started for it', async () => {
  const withCv = python(
    'with',
    `[ "$1" = -c ] && { echo 4.6.0; exit; }
     [ "$6" = 1 ] && exit
     read go && echo '{"filesPerSecond": 200}'
     read go && echo '{"filesPerSecond": 300}'`,
  );
  const found = await OpencvPeer.start(folder, '8x8', [join(folder, 'nowhere'), withCv]);
  if (!found.ok) throw new Error(found.failure.message);
  expect(found.value.version).toBe('OpenCV 4.6.0');
  expect(await found.value.filesPerSecond()).toBe(200);
  expect(await found.value.filesPerSecond()).toBe(300);
  expect(await found.value.filesPerSecond()).toBeUndefined();
  expect(await found.value.secondsFromStart()).toBeGreaterThan(0);
  found.value.end();
});
