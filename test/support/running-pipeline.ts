import type { Settings } from '../../src/settings/options.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { makePipeline } from '../../src/streams/pipeline.js';
import type { Pipeline, PipelineTiming } from '../../src/streams/pipeline-context.js';
import { FakeCompute } from './fake-compute.js';
import type { RawFolder } from './raw-folder.js';
import { Recorder } from './recorder.js';
import { testSettings } from './test-settings.js';

export interface PipelineSetup {
  readonly flags?: Partial<Record<keyof Settings, unknown>>;
  readonly compute?: FakeCompute;
  readonly timing?: Partial<PipelineTiming>;
}

/** A whole pipeline over real files and a fake compute process. */
export class RunningPipeline {
  readonly recorder: Recorder;
  readonly outcome: Promise<'done' | 'failed' | 'stopped'>;

  private constructor(
    readonly pipeline: Pipeline,
    readonly store: OpenStore,
    readonly compute: FakeCompute,
  ) {
    this.recorder = new Recorder(pipeline.events$);
    this.outcome = pipeline.run();
  }

  static async start(
    folder: RawFolder,
    mode: 'watch' | 'once',
    { flags, compute = new FakeCompute(), timing }: PipelineSetup = {},
  ): Promise<RunningPipeline> {
    const store = await openStore(folder.store, 'test');
    const pipeline = makePipeline({
      settings: testSettings(folder, flags),
      catalog: store.catalog,
      paths: store.paths,
      compute,
      mode,
      timing: { quietBeforeFirstTrainingMs: 50, ...timing },
    });
    return new RunningPipeline(pipeline, store, compute);
  }

  /** The next time that nothing is left to do. */
  async caughtUp() {
    return await this.recorder.next('caught-up');
  }

  async stop(): Promise<void> {
    await this.pipeline.stop();
    await this.outcome;
    await this.store.close();
  }
}

/** `once`, from the first file to the end; the store is closed again. */
export async function runOnce(folder: RawFolder, setup: PipelineSetup = {}) {
  const running = await RunningPipeline.start(folder, 'once', setup);
  try {
    const outcome = await running.outcome;
    return { outcome, recorder: running.recorder, compute: running.compute };
  } finally {
    await running.store.close();
  }
}
