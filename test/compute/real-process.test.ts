// @module-tag long
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TrainingRun, TrainReport } from '../../src/compute/compute.js';
import { ComputeProcess } from '../../src/compute/parent/compute-process.js';
import { type Child, startChild } from '../../src/compute/parent/start-child.js';
import type { FromCompute, ToCompute } from '../../src/compute/protocol.js';
import type { ModelCard } from '../../src/model/card.js';
import { findResumable } from '../../src/store/checkpoints.js';
import { brightBoxes } from '../support/bright-boxes.js';
import { handTicker } from '../support/hand-ticker.js';
import { boxesFor, temporaryFolder, tinyRun } from '../support/tiny-run.js';

/** The compiled one: a forked process runs no TypeScript. */
const processModule = fileURLToPath(new URL('../../dist/compute/child/main.js', import.meta.url));

beforeAll(() => {
  if (!existsSync(processModule)) throw new Error('run `npm run build` first: dist/ is not built');
});

describe('the compute process, for real', () => {
  let compute: ComputeProcess;
  let children: Child[];
  let ticker: ReturnType<typeof handTicker>;
  /** Seconds; what a step may take on a weak machine is less. */
  const hangsAfterTicks = 31 * 60;

  beforeEach(() => {
    children = [];
    ticker = handTicker();
    compute = new ComputeProcess(
      { backend: 'wasm' },
      {
        start: (environment) => {
          const child = startChild(environment, processModule);
          children.push(child);
          return child;
        },
        wait: async () => {},
        ticker,
      },
    );
  });

  afterEach(() => compute.close());

  /** `seen` gets every report as it comes. */
  function train(
    run: TrainingRun,
    seen: (report: TrainReport) => void = () => {},
  ): Promise<TrainReport[]> {
    return new Promise((resolve, reject) => {
      const reports: TrainReport[] = [];
      compute.train(run, boxesFor(run)).subscribe({
        next: (report) => {
          reports.push(report);
          seen(report);
        },
        error: reject,
        complete: () => resolve(reports),
      });
    });
  }

  function modelOf(reports: readonly TrainReport[]): ModelCard {
    const last = reports.at(-1);
    if (last?.type !== 'done') throw new Error(`ended with ${last?.type}`);
    return last.model;
  }

  it('trains, then predicts what it has learnt', async () => {
    const models = temporaryFolder();
    const recipe = { ...tinyRun(models).recipe, filters: 4, learningRate: 1e-2 };
    const run = tinyRun(models, { epochs: 20, recipe });
    const card = modelOf(await train(run));
    expect(await compute.serve(join(models, card.folder))).toEqual(card);
    const { count, images, masks } = brightBoxes(4, run.size, 999);
    const { probabilities } = await compute.predict({ count, images });
    expect(probabilities).toHaveLength(masks.length);
    const meanOver = (mask: number) => {
      const of = [...probabilities].filter((_, index) => masks[index] === mask);
      return of.reduce((total, each) => total + each, 0) / of.length;
    };
    expect(meanOver(1)).toBeGreaterThan(meanOver(0) + 0.2);
  });

  it('answers predictions between the steps of a training', async () => {
    const models = temporaryFolder();
    const first = modelOf(await train(tinyRun(models, { epochs: 1 })));
    await compute.serve(join(models, first.folder));
    const { images } = brightBoxes(1, { height: 16, width: 16 });
    const order: string[] = [];
    let prediction: Promise<unknown> | undefined;
    await train(tinyRun(models, { runId: 'second', epochs: 8 }), (report) => {
      order.push(report.type);
      prediction ??= compute.predict({ count: 1, images }).then(() => order.push('predicted'));
    });
    await prediction;
    expect(order.indexOf('predicted')).toBeGreaterThan(0);
    expect(order.indexOf('predicted')).toBeLessThan(order.indexOf('done'));
  });

  it('predicts by another model without a change of the served one', async () => {
    const models = temporaryFolder();
    const served = modelOf(await train(tinyRun(models, { epochs: 1 })));
    const other = modelOf(await train(tinyRun(models, { runId: 'second', epochs: 4 })));
    await compute.serve(join(models, served.folder));
    const { images } = brightBoxes(1, { height: 16, width: 16 });
    const pixels = { count: 1, images };
    const before = await compute.predict(pixels);
    const [compared, between] = await Promise.all([
      compute.predictBy(join(models, other.folder), pixels),
      compute.predict(pixels),
    ]);
    compute.putAside();
    expect(between).toEqual(before);
    expect(await compute.predict(pixels)).toEqual(before);
    await compute.serve(join(models, other.folder));
    expect(await compute.predict(pixels)).toEqual(compared);
    expect(compared).not.toEqual(before);
    await expect(compute.predictBy(join(models, 'none'), pixels)).rejects.toMatchObject({
      code: 'MODEL_UNREADABLE',
    });
  });

  it('ends with the same model when killed in between as when not', async () => {
    const undisturbed = modelOf(await train(tinyRun(temporaryFolder())));
    let killed = false;
    const reports = await train(tinyRun(temporaryFolder()), (report) => {
      if (killed || report.type !== 'step' || report.epoch !== 2) return;
      killed = true;
      children[0]!.kill();
    });
    expect(children).toHaveLength(2);
    expect(modelOf(reports).modelId).toBe(undisturbed.modelId);
    expect(modelOf(reports).metrics).toEqual(undisturbed.metrics);
  });

  it.skipIf(process.platform === 'win32')(
    'goes on with the training in another process when one hangs',
    async () => {
      const undisturbed = modelOf(await train(tinyRun(temporaryFolder())));
      let stopped: number | null = null;
      const reports = await train(tinyRun(temporaryFolder()), (report) => {
        if (stopped !== null || report.type !== 'step' || report.epoch !== 2) return;
        // Alive, and no sign of life any more.
        stopped = Number(execFileSync('pgrep', ['-P', `${process.pid}`, '-n']).toString());
        process.kill(stopped, 'SIGSTOP');
        ticker.tick(hangsAfterTicks);
      });
      expect(stopped).not.toBeNull();
      expect(children).toHaveLength(2);
      expect(modelOf(reports).modelId).toBe(undisturbed.modelId);
    },
  );

  it('saves itself when interrupted, and goes on in another program', async () => {
    const undisturbed = modelOf(await train(tinyRun(temporaryFolder())));
    const models = temporaryFolder();
    const before = await train(tinyRun(models), (report) => {
      if (report.type === 'step' && report.epoch === 2) void compute.interrupt();
    });
    expect(before.at(-1)).toMatchObject({ type: 'interrupted' });
    await compute.close();

    const next = new ComputeProcess(
      { backend: 'wasm' },
      { start: (environment) => startChild(environment, processModule) },
    );
    compute = next;
    const resumable = await findResumable(models);
    const after = await train(tinyRun(models, { resumeFrom: resumable!.folder }));
    expect(modelOf(after).modelId).toBe(undisturbed.modelId);
  });

  it('says which model cannot be read', async () => {
    const folder = join(temporaryFolder(), 'model-none');
    await expect(compute.serve(folder)).rejects.toMatchObject({
      code: 'MODEL_UNREADABLE',
      message: expect.stringContaining(folder),
    });
  });
});

describe('its process', () => {
  const start: ToCompute = {
    type: 'start',
    candidate: 'wasm',
    settings: { threads: 1, precision: 'float32' },
  };

  function next<Type extends FromCompute['type']>(
    child: ChildProcess,
    type: Type,
  ): Promise<Extract<FromCompute, { type: Type }>> {
    return new Promise((resolve) => {
      child.on('message', (message) => {
        const heard = message as FromCompute;
        if (heard.type === type) resolve(heard as Extract<FromCompute, { type: Type }>);
      });
    });
  }

  it('leaves ctrl-c to its parent, and prints nothing to stdout', async () => {
    const child = fork(processModule, [], { serialization: 'advanced', silent: true });
    let printed = '';
    child.stdout!.on('data', (text) => {
      printed += text;
    });
    child.send(start);
    await next(child, 'ready');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    const answer = next(child, 'request-failed');
    child.send({ type: 'serve', request: 1, folder: '/none' } satisfies ToCompute);
    expect(await answer).toMatchObject({ request: 1, failure: { code: 'MODEL_UNREADABLE' } });
    const ended = new Promise((resolve) => child.on('close', resolve));
    child.send({ type: 'close' } satisfies ToCompute);
    expect(await ended).toBe(0);
    expect(printed).toBe('');
  });

  it('goes when its parent goes, however that went', async () => {
    const parent = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { fork } from 'node:child_process';
       const child = fork(${JSON.stringify(processModule)}, [], { serialization: 'advanced', execArgv: [] });
       child.send(${JSON.stringify(start)});
       child.on('message', ({ type }) => { if (type === 'ready') console.log(child.pid); });`,
    ]);
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (text) => resolve(Number(text)));
    });
    process.kill(pid, 0);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 10_000);
  });
});
