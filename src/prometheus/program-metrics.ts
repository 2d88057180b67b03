import type { GaugedStage, PipelineEvent, StageLoad } from '../events.js';
import { type Instruments, setOrRemove } from './instruments.js';

/** The program itself: what it holds, what it costs, and what it said. */
export function programMetrics(make: Instruments): (event: PipelineEvent) => void {
  const build = make.gauge(
    'build_info',
    'Always 1; its labels tell the version and what computes',
    ['version', 'node', 'backend', 'device'],
  );
  const notices = make.counter(
    'notices_total',
    'What people were told that concerns no single file, by code',
    ['level', 'code'],
  );
  const stageItems = make.gauge(
    'stage_items',
    'Items in each stage of the pipeline: queued, in flight, or waiting for something outside (settling, no mask yet)',
    ['stage', 'state'],
  );
  const ignored = make.gauge(
    'ignored_files',
    'Files under the raw folder whose names are not those of images or masks',
  );
  const paused = make.gauge('paused', '1 while a person has paused the intake');
  const computeUp = make.gauge(
    'compute_up',
    '1 while the process that trains and predicts is ready',
  );
  const computeRestarts = make.counter(
    'compute_restarts_total',
    'Times that the process that trains and predicts died or hung and was started again',
  );
  const submissions = make.counter(
    'submissions_written_total',
    'Times that submission.csv was replaced',
  );
  const tensors = make.unknownGauge('tensors', 'Tensors alive in the compute process');
  const tensorBytes = make.unknownGauge('tensor_bytes', 'Bytes that they hold');
  const computeMemory = make.unknownGauge(
    'compute_resident_memory_bytes',
    "The compute process's memory (the program's own is process_resident_memory_bytes)",
  );
  const diskLeft = make.unknownGauge(
    'disk_free_bytes',
    'Room left on the disk that holds the store',
  );

  return (event) => {
    switch (event.type) {
      case 'ready': {
        const { version, backend, device } = event;
        build.set({ version, node: process.version, backend: backend ?? 'none', device }, 1);
        return;
      }
      case 'notice':
        notices.inc({ level: event.level, code: event.code });
        return;
      case 'stages':
        for (const [stage, load] of Object.entries(event.stages) as [GaugedStage, StageLoad][]) {
          stageItems.set({ stage, state: 'queued' }, load.queued);
          stageItems.set({ stage, state: 'in-flight' }, load.inFlight);
          stageItems.set({ stage, state: 'waiting' }, load.waiting);
        }
        ignored.set(event.ignored);
        return;
      case 'paused':
        paused.set(event.paused ? 1 : 0);
        return;
      case 'compute':
        computeUp.set(event.state === 'ready' ? 1 : 0);
        if (event.state === 'restarting') computeRestarts.inc();
        return;
      case 'system': {
        const { compute, diskFree } = event;
        setOrRemove(tensors, compute?.tensors ?? null);
        setOrRemove(tensorBytes, compute?.tensorBytes ?? null);
        setOrRemove(computeMemory, compute?.rss ?? null);
        setOrRemove(diskLeft, diskFree);
        return;
      }
      case 'submission.written':
        submissions.inc();
        return;
    }
  };
}
