import { describe, expect, it } from 'vitest';
import type { CandidateName } from '../../../src/compute/backends/candidate.js';
import { backendCandidates, candidatesFor } from '../../../src/compute/backends/candidates.js';
import { probeBackends } from '../../../src/compute/backends/probe-backends.js';
import { probeCandidate, selectBackend } from '../../../src/compute/backends/select-backend.js';
import type { ToCompute } from '../../../src/compute/protocol.js';
import { FakeChild, fakeCandidate, ready } from '../../support/fake-child.js';

const settings = { threads: 1, precision: 'float32' } as const;

/** Children that do, by candidate, what the test says; the others get ready. */
function setUp(behaviour: Partial<Record<CandidateName, (child: FakeChild) => void>> = {}) {
  const started: CandidateName[] = [];
  const children: FakeChild[] = [];
  const start = () => {
    const child = new FakeChild((message: ToCompute) => {
      if (message.type !== 'start') return;
      started.push(message.candidate);
      const act = behaviour[message.candidate] ?? ((each: FakeChild) => each.say(ready));
      act(child);
    });
    children.push(child);
    return child;
  };
  return { start, started, children };
}

const missing = { availability: () => ({ usable: false, reason: 'not installed' }) as const };

describe('selecting a backend', () => {
  it('takes the first usable candidate and keeps the process that tried it', async () => {
    const { start, started, children } = setUp();
    const selected = await selectBackend(
      [fakeCandidate('onednn'), fakeCandidate('wasm')],
      settings,
      start,
    );
    expect(started).toEqual(['onednn']);
    expect(selected).toMatchObject({ child: children[0], info: { skipped: [] } });
  });

  it('starts no process for what is not installed', async () => {
    const { start, started } = setUp();
    const selected = await selectBackend(
      [fakeCandidate('onednn', missing), fakeCandidate('wasm')],
      settings,
      start,
    );
    expect(started).toEqual(['wasm']);
    expect(selected).toMatchObject({
      info: { skipped: [{ backend: 'onednn', reason: 'not installed' }] },
    });
  });

  it('survives a native module that kills its process, and says how', async () => {
    const { start } = setUp({
      onednn: (child) => child.die('killed by SIGILL', 'first\nillegal instruction'),
    });
    const selected = await selectBackend(
      [fakeCandidate('onednn'), fakeCandidate('wasm')],
      settings,
      start,
    );
    expect(selected).toMatchObject({
      candidate: { name: 'wasm' },
      info: {
        skipped: [
          {
            backend: 'onednn',
            reason: 'its process was killed by SIGILL while loading: illegal instruction',
          },
        ],
      },
    });
  });

  it('ends the process of a candidate that is of no use', async () => {
    const { start, children } = setUp({
      'tensorflow-gpu': (child) => child.say({ type: 'unusable', reason: 'no CUDA' }),
    });
    await selectBackend([fakeCandidate('tensorflow-gpu'), fakeCandidate('wasm')], settings, start);
    expect(children.map(({ killed }) => killed)).toEqual([true, false]);
  });

  it('does not wait for ever', async () => {
    const { start, children } = setUp({ onednn: () => {} });
    expect(await probeCandidate(fakeCandidate('onednn'), settings, start, 5)).toEqual({
      usable: false,
      reason: 'not ready within 0.005 s',
    });
    expect(children[0]!.killed).toBe(true);
  });

  it('names each reason once where two candidates share a backend', async () => {
    const { start } = setUp();
    const candidates = [
      fakeCandidate('tensorflow-gpu', missing),
      fakeCandidate('tensorflow-cpu', missing),
    ];
    expect(await selectBackend(candidates, settings, start)).toEqual({
      skipped: [{ backend: 'tensorflow', reason: 'not installed' }],
    });
  });
});

describe('the backend candidates', () => {
  it("is in the design's order", () => {
    expect(backendCandidates.map(({ name }) => name)).toEqual([
      ...['tensorflow-gpu', 'webgpu', 'onednn'],
      ...['tensorflow-cpu', 'wasm', 'cpu'],
    ]);
  });

  it('keeps both candidates of a backend that is asked for by name', () => {
    expect(candidatesFor('tensorflow').map(({ name }) => name)).toEqual([
      'tensorflow-gpu',
      'tensorflow-cpu',
    ]);
  });
});

describe('probing for doctor', () => {
  it('tries every candidate, also those below a usable one, and leaves no process', async () => {
    const { start, children } = setUp({ cpu: (child) => child.die() });
    const candidates = [
      fakeCandidate('webgpu', missing),
      fakeCandidate('wasm'),
      fakeCandidate('cpu'),
    ];
    expect(await probeBackends(settings, candidates, start)).toMatchObject([
      { rung: 'webgpu', usable: false, reason: 'not installed' },
      { rung: 'wasm', usable: true, device: 'test', version: '1' },
      { rung: 'cpu', usable: false },
    ]);
    expect(children.map(({ killed }) => killed)).toEqual([true, true]);
  });
});
