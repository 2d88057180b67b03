import { describe, expect, it } from 'vitest';
import { DeviceScheduler, type Priority } from '../../../src/compute/child/device-scheduler.js';

/** Jobs take the milliseconds they say, on a clock that only they move. */
function setUp() {
  let time = 0;
  const order: string[] = [];
  const scheduler = new DeviceScheduler(() => time);
  const job = (priority: Priority, name: string, ms: number) =>
    scheduler.run(priority, async () => {
      order.push(name);
      time += ms;
      return name;
    });
  return { scheduler, order, job };
}

describe('turns on the device', () => {
  it('let predictions in between two steps, for about as long as a step takes', async () => {
    const { order, job } = setUp();
    const steps = [1, 2, 3].map((step) => job('train', `step ${step}`, 100));
    const predictions = [1, 2, 3, 4].map((batch) => job('predict', `batch ${batch}`, 50));
    await Promise.all([...steps, ...predictions]);
    expect(order).toEqual([
      'step 1',
      ...['batch 1', 'batch 2'],
      'step 2',
      ...['batch 3', 'batch 4'],
      'step 3',
    ]);
  });

  it('give a prediction its turn however long it takes compared to a step', async () => {
    const { order, job } = setUp();
    const jobs = [
      job('train', 'step 1', 1),
      job('train', 'step 2', 1),
      job('predict', 'batch', 999),
    ];
    await Promise.all(jobs);
    expect(order).toEqual(['step 1', 'batch', 'step 2']);
  });

  it('give all of it to predictions while no step waits', async () => {
    const { order, job } = setUp();
    await job('train', 'step', 1);
    await Promise.all(['a', 'b', 'c'].map((name) => job('predict', name, 100)));
    expect(order).toEqual(['step', 'a', 'b', 'c']);
  });

  it('run one job at a time', async () => {
    const { scheduler } = setUp();
    let running = 0;
    const work = async () => {
      expect(++running).toBe(1);
      await Promise.resolve();
      running--;
    };
    await Promise.all([
      scheduler.run('train', work),
      scheduler.run('predict', work),
      scheduler.run('train', work),
    ]);
  });

  it('go on after a job that failed, which only its caller hears of', async () => {
    const { scheduler, job } = setUp();
    const failed = scheduler.run('predict', () => Promise.reject(new Error('no')));
    const next = job('predict', 'next', 1);
    await expect(failed).rejects.toThrow('no');
    await expect(next).resolves.toBe('next');
  });

  it('let the event loop turn between two jobs, so that messages are read', async () => {
    const { order, job } = setUp();
    setImmediate(() => order.push('message'));
    await Promise.all([job('train', 'step 1', 1), job('train', 'step 2', 1)]);
    expect(order).toEqual(['step 1', 'message', 'step 2']);
  });
});
