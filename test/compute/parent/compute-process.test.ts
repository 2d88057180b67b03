import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { BatchSource, ComputeHealth, TrainReport } from '../../../src/compute/compute.js';
import {
  ComputeProcess,
  type ComputeProcessEdges,
  type ComputeProcessOptions,
} from '../../../src/compute/parent/compute-process.js';
import type { ToCompute } from '../../../src/compute/protocol.js';
import { type FakeChild, fakeCandidate, fakeChildren } from '../../support/fake-child.js';
import { handTicker } from '../../support/hand-ticker.js';
import { boxesFor, temporaryFolder, tinyRun } from '../../support/tiny-run.js';

/** A ComputeProcess over fake children; restarts wait for nothing. */
function setUp({
  answer,
  edges = {},
  options = {},
}: {
  answer?: (message: ToCompute, child: FakeChild) => void;
  edges?: Partial<ComputeProcessEdges>;
  options?: Partial<ComputeProcessOptions>;
} = {}) {
  const { children, start } = fakeChildren(answer);
  const ticker = handTicker();
  const compute = new ComputeProcess(
    { backend: 'auto', ...options },
    {
      start,
      ticker,
      candidates: [fakeCandidate('wasm')],
      wait: async () => {},
      closeWithinMs: 5,
      ...edges,
    },
  );
  const health: ComputeHealth[] = [];
  compute.health$.subscribe((each) => health.push(each));
  return { compute, children, ticker, health };
}

/** Waits for what other promises bring about. */
const until = (check: () => unknown) =>
  vi.waitFor(() => expect(check()).toBeTruthy(), { timeout: 10_000 });

const images = { count: 1, images: new Uint8Array(4) };

function echo(message: ToCompute, child: FakeChild): void {
  if (message.type !== 'predict') return;
  const { request } = message;
  const answer = { count: 1, probabilities: Float32Array.from(message.images.images) };
  child.say({ type: 'answer', request, answer });
}

function collect(compute: ComputeProcess, models: string, source?: BatchSource) {
  const run = tinyRun(models);
  const reports: TrainReport[] = [];
  const end: { error?: unknown; completed?: boolean } = {};
  const subscription = compute.train(run, source ?? boxesFor(run)).subscribe({
    next: (report) => reports.push(report),
    error: (error) => {
      end.error = error;
    },
    complete: () => {
      end.completed = true;
    },
  });
  return { reports, end, subscription };
}

const stepReport: TrainReport = {
  type: 'step',
  epoch: 1,
  step: 1,
  steps: 3,
  loss: 1,
  batchDice: 0,
  learningRate: 1,
  imagesPerSecond: 1,
};

describe('starting', () => {
  it('starts one process however often it is asked', async () => {
    const { compute, children, health } = setUp();
    await Promise.all([compute.start(), compute.start()]);
    expect(children).toHaveLength(1);
    expect(health.map(({ state }) => state)).toEqual(['starting', 'ready']);
  });

  it('fails as NO_BACKEND with every reason where nothing is usable', async () => {
    const none = { availability: () => ({ usable: false, reason: 'not installed' }) as const };
    const candidates = [fakeCandidate('onednn', none), fakeCandidate('wasm', none)];
    const { compute, health } = setUp({ edges: { candidates } });
    await expect(compute.start()).rejects.toMatchObject({
      code: 'NO_BACKEND',
      message: expect.stringMatching(/onednn: not installed.*wasm: not installed/),
    });
    expect(health.at(-1)).toMatchObject({ state: 'failed', code: 'NO_BACKEND' });
  });

  it('fails as BACKEND_UNUSABLE where the one asked for is, though others would do', async () => {
    const none = { availability: () => ({ usable: false, reason: 'not built' }) as const };
    const candidates = [fakeCandidate('onednn', none), fakeCandidate('wasm')];
    const { compute } = setUp({ edges: { candidates }, options: { backend: 'onednn' } });
    await expect(compute.start()).rejects.toMatchObject({
      code: 'BACKEND_UNUSABLE',
      message: 'backend onednn: not built',
    });
  });

  it('tries again when asked again: a GPU may be back', async () => {
    let usable = false;
    const availability = () =>
      usable ? ({ usable } as const) : ({ usable, reason: 'away' } as const);
    const { compute } = setUp({ edges: { candidates: [fakeCandidate('wasm', { availability })] } });
    await expect(compute.start()).rejects.toThrow('away');
    usable = true;
    await expect(compute.start()).resolves.toMatchObject({ backend: 'wasm' });
  });
});

describe('predicting', () => {
  it('gives every caller the answer to its own question', async () => {
    const { compute } = setUp({ answer: echo });
    const answers = await Promise.all(
      [1, 2, 3].map((pixel) => compute.predict({ count: 1, images: Uint8Array.of(pixel) })),
    );
    expect(answers.map(({ probabilities }) => probabilities[0])).toEqual([1, 2, 3]);
  });

  it('asks the next process what the one that died did not answer', async () => {
    const { compute, children, health } = setUp({
      answer: (message, child) => {
        if (child === children[0]) child.die('killed by SIGSEGV', 'a word');
        else echo(message, child);
      },
    });
    await expect(compute.predict(images)).resolves.toMatchObject({ count: 1 });
    expect(health.map(({ state }) => state)).toEqual(['starting', 'ready', 'restarting', 'ready']);
    expect(health[2]).toMatchObject({
      attempt: 1,
      message: 'the compute process was killed by SIGSEGV: a word',
    });
  });

  it('gives up on what has killed four processes in a row, and lives on', async () => {
    const poison = { count: 1, images: Uint8Array.of(66) };
    const { compute, children } = setUp({
      answer: (message, child) => {
        if (message.type === 'predict' && message.images.images[0] === 66) child.die();
        else echo(message, child);
      },
    });
    await expect(compute.predict(poison)).rejects.toMatchObject({ code: 'COMPUTE_DIED' });
    expect(children).toHaveLength(4);
    await expect(compute.predict(images)).resolves.toMatchObject({ count: 1 });
  });

  it('serves the same model again after a restart, before it predicts', async () => {
    const { compute, children } = setUp({
      answer: (message, child) => {
        const size = { height: 2, width: 2 };
        if (message.type === 'serve') {
          const answer = { size } as never;
          child.say({ type: 'answer', request: message.request, answer });
        } else if (children.length === 1) child.die();
        else echo(message, child);
      },
    });
    await compute.serve('/models/a');
    await compute.serve('/models/a');
    await compute.predict(images);
    expect(children[0]!.heard.map(({ type }) => type)).toEqual(['start', 'serve', 'predict']);
    expect(children[1]!.heard.map(({ type }) => type)).toEqual(['start', 'serve', 'predict']);
  });

  it('serves it again also after it had given up', async () => {
    let deaths = 4;
    const { compute, children } = setUp({
      answer: (message, child) => {
        const size = { height: 2, width: 2 };
        if (message.type === 'serve') {
          const answer = { size } as never;
          child.say({ type: 'answer', request: message.request, answer });
        } else if (deaths-- > 0) child.die();
        else echo(message, child);
      },
    });
    await compute.serve('/models/a');
    await expect(compute.predict(images)).rejects.toMatchObject({ code: 'COMPUTE_DIED' });
    await compute.predict(images);
    expect(children.at(-1)!.heard.map(({ type }) => type)).toEqual(['start', 'serve', 'predict']);
  });

  it('refuses images that are not of the served size before they reach native code', async () => {
    const { compute } = setUp({
      answer: (message, child) => {
        if (message.type !== 'serve') return;
        const answer = { size: { height: 16, width: 16 } } as never;
        child.say({ type: 'answer', request: message.request, answer });
      },
    });
    await compute.serve('/models/a');
    await expect(compute.predict(images)).rejects.toThrow(RangeError);
  });

  it.each([
    ['V8', 'killed by SIGABRT', 'FATAL ERROR: JavaScript heap out of memory'],
    ['V8, of buffers', 'ended with code 1', 'RangeError: Array buffer allocation failed'],
    ['C++', 'killed by SIGABRT', "terminate called after throwing 'std::bad_alloc'"],
    ['oneDNN', 'ended with code 1', 'Error: out of memory for 671088640 bytes'],
  ])('tells of memory that ran out by its own code, and what to do: %s', async (_, how, words) => {
    const { compute } = setUp({ answer: (_message, child) => child.die(how, words) });
    await expect(compute.predict(images)).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: expect.stringMatching(
        /^the compute process ran out of memory; a lower --batch-size/,
      ),
    });
  });

  it('loads the served model again where the next process could not', async () => {
    const size = { height: 2, width: 2 };
    const { compute, children } = setUp({
      answer: (message, child) => {
        if (message.type === 'serve' && (child === children[0] || message.request > 0)) {
          child.say({ type: 'answer', request: message.request, answer: { size } as never });
        } else if (message.type === 'serve') {
          const failure = { code: 'MODEL_UNREADABLE', message: 'gone' } as const;
          child.say({ type: 'request-failed', request: 0, failure });
        } else echo(message, child);
      },
    });
    await compute.serve('/models/a');
    children[0]!.die();
    await until(() => children[1]?.last('serve'));
    await until(() =>
      compute.serve('/models/a').then(() => children[1]!.last('serve')!.request > 0),
    );
    await compute.predict(images);
  });
});

describe('a process that hangs', () => {
  it('is killed and replaced', async () => {
    const { compute, children, ticker, health } = setUp({
      answer: (message, child) => {
        if (child !== children[0]) echo(message, child);
      },
    });
    const prediction = compute.predict(images);
    await until(() => children[0]?.last('predict'));
    ticker.tick(11);
    await expect(prediction).resolves.toMatchObject({ count: 1 });
    expect(children[0]!.killed).toBe(true);
    expect(health).toContainEqual(
      expect.objectContaining({ state: 'restarting', message: expect.stringContaining('hung') }),
    );
  });

  it('is not one whose heart beats', async () => {
    const { compute, children, ticker } = setUp();
    await compute.start();
    for (let second = 0; second < 30; second++) {
      ticker.tick(1);
      children[0]!.say({ type: 'heartbeat' });
    }
    expect(children[0]!.killed).toBe(false);
  });
});

describe('training', () => {
  it('lets at most two batches wait', async () => {
    const { compute, children } = setUp();
    collect(compute, temporaryFolder());
    await until(() => children[0]?.last('train'));
    const child = children[0]!;
    const { training } = child.last('train')!;
    const batches = () => child.heard.filter(({ type }) => type === 'batch').length;
    const what = { phase: 'train', epoch: 1, firstStep: 0 } as const;
    child.say({ type: 'pull', training, pass: 1, what });
    await until(() => batches() === 2);
    // Were there a third without a credit, it would come before this prediction.
    void compute.predict(images).catch(() => {});
    await until(() => child.last('predict'));
    expect(batches()).toBe(2);
    child.say({ type: 'credit', pass: 1 });
    await until(() => child.last('pass-end'));
    expect(batches()).toBe(3);
  });

  it('goes on in the next process when one dies, up to three times', async () => {
    const { compute, children } = setUp({
      answer: (message, child) => {
        if (message.type !== 'train') return;
        child.say({ type: 'report', training: message.training, report: stepReport });
        child.die('killed by SIGSEGV', 'bad kernel');
      },
    });
    const { reports, end } = collect(compute, temporaryFolder());
    await until(() => end.error);
    expect(children).toHaveLength(4);
    expect(reports).toHaveLength(4);
    expect(end.error).toMatchObject({
      code: 'COMPUTE_DIED',
      message: expect.stringContaining('bad kernel'),
    });
  });

  it('may be started again by whoever hears that it failed, in one process', async () => {
    let poisoned = true;
    const { compute, children } = setUp({
      answer: (message, child) => {
        if (message.type === 'train' && poisoned) child.die();
      },
    });
    const run = tinyRun(temporaryFolder());
    const train = (failed: () => void) =>
      compute.train(run, boxesFor(run)).subscribe({ error: failed });
    train(() => {
      poisoned = false;
      train(() => {});
    });
    await until(() => children.length > 4);
    await until(() => children.at(-1)?.last('train'));
    expect(children).toHaveLength(5);
    await compute.close();
  });

  it('fails by itself: predictions asked meanwhile go on', async () => {
    const { compute } = setUp({
      answer: (message, child) => {
        if (message.type === 'train') child.die();
        else echo(message, child);
      },
    });
    const { end } = collect(compute, temporaryFolder());
    await until(() => end.error);
    await expect(compute.predict(images)).resolves.toMatchObject({ count: 1 });
  });

  it('outlives a prediction that kills its process again and again', async () => {
    const { compute, children } = setUp({
      answer: (message, child) => {
        if (message.type === 'predict') child.die();
      },
    });
    const { end } = collect(compute, temporaryFolder());
    await until(() => children[0]?.last('train'));
    await expect(compute.predict(images)).rejects.toMatchObject({ code: 'COMPUTE_DIED' });
    await until(() => children[4]?.last('train'));
    expect(end).toEqual({});
  });

  it('ends when processes die before they do anything', async () => {
    const { compute, children, health } = setUp({
      answer: (message, child) => {
        if (message.type !== 'serve') return;
        if (children.length > 1) child.die();
        else {
          const answer = { size: { height: 2, width: 2 } } as never;
          child.say({ type: 'answer', request: message.request, answer });
        }
      },
    });
    await compute.serve('/models/bad');
    const { end } = collect(compute, temporaryFolder());
    await until(() => children[0]?.last('train'));
    children[0]!.die();
    await until(() => end.error);
    expect(end.error).toMatchObject({ code: 'COMPUTE_DIED' });
    await until(() => health.at(-1)?.state === 'failed');
    expect(children.length).toBeLessThan(10);
  });

  it('reports no more of a process that is gone', async () => {
    const { compute, children } = setUp();
    const { reports } = collect(compute, temporaryFolder());
    await until(() => children[0]?.last('train'));
    const { training } = children[0]!.last('train')!;
    children[0]!.die();
    await until(() => children[1]?.last('train'));
    children[0]!.say({ type: 'report', training, report: stepReport });
    expect(reports).toEqual([]);
  });

  it('stops the process cleanly, then fails, with what its source threw', async () => {
    const { compute, children } = setUp({
      answer: (message, child) => {
        if (message.type === 'train') {
          const what = { phase: 'train', epoch: 1, firstStep: 0 } as const;
          child.say({ type: 'pull', training: message.training, pass: 1, what });
        } else if (message.type === 'interrupt') {
          const report = { type: 'interrupted', epoch: 1, step: 0, checkpoint: null } as const;
          child.say({ type: 'report', training: message.training, report });
        }
      },
    });
    const { reports, end } = collect(compute, temporaryFolder(), () => {
      throw new Error('the cache is gone');
    });
    await until(() => end.error);
    expect(end.error).toMatchObject({ message: 'the cache is gone' });
    expect(reports).toEqual([]);
    expect(children[0]!.last('interrupt')).toBeDefined();
  });

  it('refuses batches of another size', async () => {
    const { compute } = setUp({
      answer: (message, child) => {
        if (message.type === 'train') {
          const what = { phase: 'validate', epoch: 1 } as const;
          child.say({ type: 'pull', training: message.training, pass: 1, what });
        } else if (message.type === 'interrupt') {
          const report = { type: 'interrupted', epoch: 1, step: 0, checkpoint: null } as const;
          child.say({ type: 'report', training: message.training, report });
        }
      },
    });
    const { end } = collect(compute, temporaryFolder(), async function* () {
      yield { count: 2, images: new Uint8Array(256), masks: new Uint8Array(256) };
    });
    await until(() => end.error);
    expect(end.error).toBeInstanceOf(RangeError);
  });

  it('refuses a size that no U-Net can have', async () => {
    const { compute, children } = setUp();
    const run = tinyRun(temporaryFolder(), { size: { height: 17, width: 16 } });
    const error = await new Promise((resolve) => {
      compute.train(run, boxesFor(run)).subscribe({ error: resolve });
    });
    expect(error).toBeInstanceOf(RangeError);
    expect(children).toHaveLength(0);
  });

  it('is interrupted by unsubscribing; the next one waits until it has stopped', async () => {
    const { compute, children } = setUp();
    const models = temporaryFolder();
    const first = collect(compute, models);
    await until(() => children[0]?.last('train'));
    const child = children[0]!;
    const before = child.last('train')!;
    first.subscription.unsubscribe();
    collect(compute, models);
    await until(() => child.last('interrupt'));
    expect(child.last('train')).toBe(before);
    const report = { type: 'interrupted', epoch: 1, step: 0, checkpoint: null } as const;
    child.say({ type: 'report', training: before.training, report });
    await until(() => child.last('train') !== before);
  });

  it('can be interrupted while its process is being replaced', async () => {
    let goOn!: () => void;
    const wait = () =>
      new Promise<void>((resolve) => {
        goOn = resolve;
      });
    const { compute, children } = setUp({ edges: { wait } });
    const { reports, end } = collect(compute, temporaryFolder());
    await until(() => children[0]?.last('train'));
    children[0]!.die();
    await until(() => goOn);
    await compute.interrupt();
    expect(reports).toEqual([{ type: 'interrupted', epoch: 1, step: 0, checkpoint: null }]);
    expect(end.completed).toBe(true);
    goOn();
    await until(() => children.length === 2);
    expect(children[1]!.last('train')).toBeUndefined();
  });
});

describe('closing', () => {
  it('can be done twice, and completes the health stream', async () => {
    const { compute, children } = setUp();
    let completed = false;
    compute.health$.subscribe({ complete: () => (completed = true) });
    await compute.start();
    await Promise.all([compute.close(), compute.close()]);
    await compute.close();
    expect(children[0]!.heard.filter(({ type }) => type === 'close')).toHaveLength(1);
    expect(completed).toBe(true);
  });

  it('kills a process that does not go by itself', async () => {
    const { compute, children } = setUp();
    await compute.start();
    children[0]!.send = () => {};
    await compute.close();
    expect(children[0]!.killed).toBe(true);
  });

  it('leaves no process that was still starting', async () => {
    const { children, start } = fakeChildren();
    const compute = new ComputeProcess(
      { backend: 'auto' },
      {
        start: (environment) => {
          const child = start(environment) as FakeChild;
          child.send = () => {};
          return child;
        },
        candidates: [fakeCandidate('onednn'), fakeCandidate('wasm')],
      },
    );
    const starting = compute.start();
    await until(() => children.length === 1);
    await compute.close();
    await expect(starting).rejects.toMatchObject({ code: 'COMPUTE_DIED' });
    expect(children.map(({ killed }) => killed)).toEqual([true]);
  });

  it('does not wait for a training whose process dies of the interruption', async () => {
    const { compute, children } = setUp({
      answer: (message, child) => {
        if (message.type === 'interrupt') child.die();
      },
      edges: { closeWithinMs: 60_000 },
    });
    const { reports } = collect(compute, temporaryFolder());
    await until(() => children[0]?.last('train'));
    await compute.close();
    expect(reports).toEqual([{ type: 'interrupted', epoch: 1, step: 0, checkpoint: null }]);
  }, 5000);

  it('answers all that was asked, and all that is asked later, with a failure', async () => {
    const { compute, children } = setUp();
    const prediction = compute.predict(images);
    await until(() => children[0]?.last('predict'));
    const failed = expect(prediction).rejects.toMatchObject({ code: 'COMPUTE_DIED' });
    await compute.close();
    await failed;
    await expect(compute.predict(images)).rejects.toMatchObject({ code: 'COMPUTE_DIED' });
    await expect(compute.serve(join('models', 'a'))).rejects.toMatchObject({
      code: 'COMPUTE_DIED',
    });
  });

  it('before any start is no start', async () => {
    const { compute, children } = setUp();
    await compute.close();
    expect(children).toHaveLength(0);
  });
});
