import { describe, expect, it } from 'vitest';
import { attempt, climb } from '../../src/compute/climb.js';
import { ladder, rungsFor } from '../../src/compute/ladder.js';
import { probeLadder } from '../../src/compute/probe.js';
import type { ToCompute } from '../../src/compute/protocol.js';
import type { RungName } from '../../src/compute/rung.js';
import { FakeChild, fakeRung, ready } from './fake-child.js';

const settings = { threads: 1, precision: 'float32' } as const;

/** Children that do, by rung, what the test says; the others get ready. */
function setUp(behaviour: Partial<Record<RungName, (child: FakeChild) => void>> = {}) {
  const started: RungName[] = [];
  const children: FakeChild[] = [];
  const start = () => {
    const child = new FakeChild((message: ToCompute) => {
      if (message.type !== 'start') return;
      started.push(message.rung);
      const act = behaviour[message.rung] ?? ((each: FakeChild) => each.say(ready));
      act(child);
    });
    children.push(child);
    return child;
  };
  return { start, started, children };
}

const missing = { probe: () => ({ usable: false, reason: 'not installed' }) as const };

describe('climbing the ladder', () => {
  it('takes the first usable rung and keeps the process that tried it', async () => {
    const { start, started, children } = setUp();
    const climbed = await climb([fakeRung('onednn'), fakeRung('wasm')], settings, start);
    expect(started).toEqual(['onednn']);
    expect(climbed).toMatchObject({ child: children[0], info: { skipped: [] } });
  });

  it('starts no process for what is not installed', async () => {
    const { start, started } = setUp();
    const climbed = await climb([fakeRung('onednn', missing), fakeRung('wasm')], settings, start);
    expect(started).toEqual(['wasm']);
    expect(climbed).toMatchObject({
      info: { skipped: [{ backend: 'onednn', reason: 'not installed' }] },
    });
  });

  it('survives a native module that kills its process, and says how', async () => {
    const { start } = setUp({
      onednn: (child) => child.die('killed by SIGILL', 'first\nillegal instruction'),
    });
    const climbed = await climb([fakeRung('onednn'), fakeRung('wasm')], settings, start);
    expect(climbed).toMatchObject({
      rung: { name: 'wasm' },
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

  it('ends the process of a rung that is of no use', async () => {
    const { start, children } = setUp({
      'tensorflow-gpu': (child) => child.say({ type: 'unusable', reason: 'no CUDA' }),
    });
    await climb([fakeRung('tensorflow-gpu'), fakeRung('wasm')], settings, start);
    expect(children.map(({ killed }) => killed)).toEqual([true, false]);
  });

  it('does not wait for ever', async () => {
    const { start, children } = setUp({ onednn: () => {} });
    expect(await attempt(fakeRung('onednn'), settings, start, 5)).toEqual({
      usable: false,
      reason: 'not ready within 0.005 s',
    });
    expect(children[0]!.killed).toBe(true);
  });

  it('names each reason once where two rungs share a backend', async () => {
    const { start } = setUp();
    const rungs = [fakeRung('tensorflow-gpu', missing), fakeRung('tensorflow-cpu', missing)];
    expect(await climb(rungs, settings, start)).toEqual({
      skipped: [{ backend: 'tensorflow', reason: 'not installed' }],
    });
  });
});

describe('the ladder', () => {
  it("is in the design's order", () => {
    expect(ladder.map(({ name }) => name)).toEqual([
      ...['tensorflow-gpu', 'webgpu', 'onednn'],
      ...['tensorflow-cpu', 'wasm', 'cpu'],
    ]);
  });

  it('keeps both rungs of a backend that is asked for by name', () => {
    expect(rungsFor('tensorflow').map(({ name }) => name)).toEqual([
      'tensorflow-gpu',
      'tensorflow-cpu',
    ]);
  });
});

describe('probing for doctor', () => {
  it('tries every rung, also those below a usable one, and leaves no process', async () => {
    const { start, children } = setUp({ cpu: (child) => child.die() });
    const rungs = [fakeRung('webgpu', missing), fakeRung('wasm'), fakeRung('cpu')];
    expect(await probeLadder(settings, rungs, start)).toMatchObject([
      { rung: 'webgpu', usable: false, reason: 'not installed' },
      { rung: 'wasm', usable: true, device: 'test', version: '1' },
      { rung: 'cpu', usable: false },
    ]);
    expect(children.map(({ killed }) => killed)).toEqual([true, true]);
  });
});
