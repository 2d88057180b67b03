import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastValueFrom, tap } from 'rxjs';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { wasmCandidate } from '../../../src/compute/backends/wasm.js';
import { webgpuCandidate } from '../../../src/compute/backends/webgpu.js';
import type {
  ComputeHealth,
  ProbabilityBatch,
  TrainingRun,
  TrainReport,
} from '../../../src/compute/compute.js';
import { ComputeProcess } from '../../../src/compute/parent/compute-process.js';
import { type Child, startChild } from '../../../src/compute/parent/start-child.js';
import type { ToCompute } from '../../../src/compute/protocol.js';
import { brightBoxes } from '../../support/bright-boxes.js';
import { boxesFor, temporaryFolder, tinyRun } from '../../support/tiny-run.js';
import { allowSoftware, describeOnGpu } from './software-gpu.js';

const losingProcess = fileURLToPath(new URL('./losing-process.mjs', import.meta.url));
/** Each process finds the software driver for itself; here it was found by the test's own. */
const onGpu: Readonly<Record<string, string>> = allowSoftware
  ? { NERVEFLOW_WEBGPU_SOFTWARE: '1', VK_ICD_FILENAMES: '' }
  : {};
/** Neither a software adapter nor, for Vulkan's loader, a GPU. */
const withoutGpu = { NERVEFLOW_WEBGPU_SOFTWARE: '0', VK_ICD_FILENAMES: '/none' };

/** Two epochs of three steps; few kinds of kernels, each of which a software adapter compiles for long. */
function trainingOn(models: string): TrainingRun {
  const { recipe } = tinyRun(models);
  return tinyRun(models, {
    recipe: { ...recipe, blockNormalisation: 'none', presenceWeight: 0 },
    batchSize: 2,
    pairs: 6,
    validationPairs: 2,
    epochs: 2,
  });
}

describeOnGpu('a GPU that is lost in the middle of a training', () => {
  let compute: ComputeProcess;

  beforeAll(() => {
    if (!existsSync(new URL('../../../dist/compute/child/main.js', import.meta.url))) {
      throw new Error('run `npm run build` first: dist/ is not built');
    }
  });

  afterEach(() => compute.close());

  /** Trains; after the first step of epoch 2, with two predictions under way, the GPU is lost. */
  async function trainThroughLoss(environments: readonly Readonly<Record<string, string>>[]) {
    const children: Child[] = [];
    const health: ComputeHealth[] = [];
    compute = new ComputeProcess(
      { backend: 'auto' },
      {
        candidates: [webgpuCandidate, wasmCandidate],
        start: (environment) => {
          const own = environments[Math.min(children.length, environments.length - 1)];
          const child = startChild({ ...environment, ...own }, losingProcess);
          children.push(child);
          return child;
        },
        wait: async () => {},
      },
    );
    compute.health$.subscribe((each) => health.push(each));
    const run = trainingOn(temporaryFolder());
    const boxes = boxesFor(run);
    const { images } = brightBoxes(1, run.size);
    const predict = () => compute.predict({ count: 1, images });
    let undisturbed: Promise<ProbabilityBatch> | undefined;
    const inFlight: Promise<ProbabilityBatch>[] = [];
    const reports: TrainReport[] = [];
    const training$ = compute.train(run, async function* (pass) {
      // Epoch 1 left a checkpoint, and a model that predicts.
      if (pass.phase === 'train' && pass.epoch === 2) await undisturbed;
      yield* boxes(pass);
    });
    await lastValueFrom(
      training$.pipe(
        tap((report) => {
          reports.push(report);
          if (report.type === 'epoch' && report.epoch === 1) {
            undisturbed = compute
              .serve(join(run.modelsFolder, report.savedModel!.folder))
              .then(predict);
          } else if (report.type === 'step' && report.epoch === 2 && inFlight.length === 0) {
            inFlight.push(predict(), predict());
            children[0]!.send({ type: 'lose-device' } as unknown as ToCompute);
          }
        }),
      ),
    );
    return {
      reports,
      health,
      undisturbed: (await undisturbed)!,
      predictions: await Promise.all(inFlight),
    };
  }

  function restartsIn(health: readonly ComputeHealth[]): string[] {
    return health.flatMap((each) => (each.state === 'restarting' ? [each.message] : []));
  }

  function backendsIn(health: readonly ComputeHealth[]): string[] {
    return health.flatMap((each) => (each.state === 'ready' ? [each.info.backend] : []));
  }

  function epochsIn(reports: readonly TrainReport[]): number[] {
    return reports.flatMap((each) => (each.type === 'epoch' ? [each.epoch] : []));
  }

  it('is found again by another process, which goes on from the checkpoint and answers', async () => {
    const { reports, health, undisturbed, predictions } = await trainThroughLoss([onGpu]);
    expect(restartsIn(health)).toEqual([expect.stringContaining('the GPU was lost')]);
    expect(backendsIn(health)).toEqual(['webgpu', 'webgpu']);
    // Epoch 1 is not done again: its checkpoint holds it.
    expect(epochsIn(reports)).toEqual([1, 2]);
    expect(reports.at(-1)).toMatchObject({ type: 'done', model: { backend: 'webgpu' } });
    expect(predictions).toEqual([undisturbed, undisturbed]);
  }, 240_000);

  it('and does not come back, is gone on without from the same checkpoint', async () => {
    const { reports, health, undisturbed, predictions } = await trainThroughLoss([
      onGpu,
      withoutGpu,
    ]);
    expect(restartsIn(health)).toEqual([expect.stringContaining('the GPU was lost')]);
    expect(backendsIn(health)).toEqual(['webgpu', 'wasm']);
    expect(epochsIn(reports)).toEqual([1, 2]);
    expect(reports.at(-1)).toMatchObject({ type: 'done' });
    for (const { probabilities } of predictions) {
      for (const [index, probability] of probabilities.entries()) {
        expect(probability).toBeCloseTo(undisturbed.probabilities[index]!, 4);
      }
    }
  }, 240_000);
});
