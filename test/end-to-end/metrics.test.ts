import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program, run } from '../support/program.js';
import { parsePrometheusText } from '../support/prometheus-text.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');
const args = ['watch', '--json', '--raw', raw, '--store', store, '--epochs', '1', ...smallAndQuick];

describe('numbers of a program that runs', () => {
  let program: Program;
  let taken: Server;

  beforeAll(async () => {
    await smallDataSet(raw);
    program = new Program([...args, '--metrics', '0']);
    taken = createServer().listen(0, '127.0.0.1');
    await program.next('caught-up', 0, ({ pending }) => pending === 0);
  }, 120_000);

  afterAll(() => {
    program.signal('SIGKILL');
    taken.close();
  });

  it('are what its events say', async () => {
    const { message } = await program.next('notice', 0, ({ code }) => code === 'METRICS_SERVED');
    const address = /http:\/\/127\.0\.0\.1:\d+\/metrics$/.exec(message)?.[0];
    const numbers = parsePrometheusText(await (await fetch(address!)).text());
    const value = (name: string, labels = {}) => numbers.value(`nerveflow_${name}`, labels);
    const count = (type: Parameters<Program['all']>[0]) => program.all(type).length;

    expect(value('items_ingested_total')).toBe(count('item.ingested'));
    expect(value('items_ingested_total', { split: 'test', reason: 'new' })).toBe(4);
    expect(value('predictions_total')).toBe(count('item.predicted'));
    expect(value('submissions_written_total')).toBe(count('submission.written'));
    expect(value('trainings_total', { result: 'done' })).toBe(1);
    expect(value('rows')).toBe(4);
    expect(value('pending_images')).toBe(0);
    expect(value('files')).toBe(28);
    expect(value('training_loss')).toBeCloseTo(program.all('train.epoch').at(-1)!.loss, 9);
    expect(value('file_to_row_seconds_count')).toBe(4);
    expect(value('build_info', { backend: 'wasm' })).toBe(1);
    expect(value('submission_written_timestamp_seconds')).toBeGreaterThan(Date.now() / 1000 - 120);
    expect(numbers.value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(numbers.value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  });

  it('need a port that is free: one line names the option, nothing is begun', async () => {
    const { port } = taken.address() as { port: number };
    const elsewhere = [...args.slice(0, 5), join(folder, 'store-2'), ...args.slice(6)];
    const { code, program: refused } = await run([...elsewhere, '--metrics', String(port)]);
    expect(code).toBe(2);
    expect(refused.events).toEqual([]);
    expect(refused.stderr).toMatch(
      new RegExp(`^nerveflow: --metrics: nothing can listen at 127.0.0.1:${port}: .+\\n$`),
    );
  });

  it('end with the program, whoever is connected', async () => {
    program.signal('SIGINT');
    expect(await program.exited).toBe(130);
  });
});
