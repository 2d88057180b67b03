/**
 * The compute process: all of TensorFlow.js lives here, apart from the program, so that a kernel
 * that blocks, leaks or crashes costs a restart and nothing else. Started by `startChild`; prints nothing
 * to stdout.
 */

import type { BackendSettings, CandidateName } from '../backends/candidate.js';
import { candidateNamed } from '../backends/candidates.js';
import { selfTest } from '../backends/self-test.js';
import type { FromCompute, ToCompute } from '../protocol.js';
import { memoryMessage } from './memory-message.js';
import type { Tasks } from './tasks.js';

process.title = 'nerveflow-compute';

const heartbeatMs = 1000;
const memoryMs = 10_000;

// Ctrl-C reaches the whole process group; what it means is for the parent to decide.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
// The parent went: nobody is left to compute for.
process.on('disconnect', () => process.exit(0));
// It may have gone while all of this was being loaded.
if (!process.connected) process.exit(0);

/** Set once the backend is up; the parent sends no task before `ready`. */
let tasks: Promise<Tasks> | null = null;

process.on('message', (message: ToCompute) => {
  switch (message.type) {
    case 'start':
      start(message.candidate, message.settings).catch(crash);
      return;
    case 'close':
      process.exit(0);
      return;
    default:
      tasks?.then((ready) => ready.handle(message)).catch(crash);
  }
});

async function start(name: CandidateName, settings: BackendSettings): Promise<void> {
  const candidate = candidateNamed(name);
  const loaded = await candidate
    .load(settings)
    .then(async (result) => {
      if (result.usable) await selfTest();
      return result;
    })
    .catch((error: unknown) => ({ usable: false, reason: lineOf(error) }) as const);
  if (!loaded.usable) {
    send({ type: 'unusable', reason: loaded.reason });
    return;
  }
  const { version, device, threads, precision } = loaded;
  send({
    type: 'ready',
    info: { backend: candidate.backend, device, threads, precision },
    version,
  });
  setInterval(() => send({ type: 'heartbeat' }), heartbeatMs);
  // tfjs-layers takes a while to load; the parent need not wait for it.
  tasks = import('./tasks.js').then(
    ({ Tasks }) => new Tasks({ backend: candidate.backend, precision, threads }, send, crash),
  );
  await tasks;
  setInterval(() => send(memoryMessage()), memoryMs);
}

function send(message: FromCompute): void {
  // The callback takes the error of a channel that closes meanwhile; 'disconnect' does the rest.
  if (process.connected) process.send!(message, undefined, undefined, () => {});
}

function crash(error: unknown): void {
  console.error(error);
  process.exit(1);
}

function lineOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0]!;
}
