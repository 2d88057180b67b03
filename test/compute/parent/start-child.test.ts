import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startChild } from '../../../src/compute/parent/start-child.js';
import { temporaryFolder } from '../../support/tiny-run.js';

/** A process that runs what the test writes. */
function run(code: string, environment: Record<string, string> = {}) {
  const module = join(temporaryFolder(), 'child.mjs');
  writeFileSync(module, code);
  return startChild(environment, module);
}

describe('a child process', () => {
  it('is heard to its last words when it fails, without the banner of TensorFlow.js', async () => {
    const child = run(`
      console.error('============================');
      console.error('Hi, looks like you are running TensorFlow.js in Node.js. To speed things up');
      console.error('first word');
      throw new Error('last word');`);
    const { how, lastWords } = await child.exited;
    expect(how).toBe('ended with code 1');
    expect(lastWords).toMatch(/^first word/);
    expect(lastWords).toContain('last word');
    expect(lastWords).not.toContain('TensorFlow.js in Node');
  });

  it('leaves out where in the source an error was thrown', async () => {
    const child = run(`
      console.error(Object.assign(new Error('out of room'), { code: 'NO_ROOM', need: 5 }));
      throw new RangeError('no more');`);
    const { lastWords } = await child.exited;
    const lines = lastWords.split('\n');
    expect(lines).toContain('Error: out of room');
    expect(lines.at(-1)).toBe('RangeError: no more');
    expect(lastWords).not.toMatch(/ {4}at |NO_ROOM|child\.mjs:/);
  });

  it('keeps but the end of what it says', async () => {
    const child = run(`for (let line = 0; line < 5000; line++) console.error('line ' + line);`);
    const { lastWords } = await child.exited;
    expect(lastWords.split('\n')).toHaveLength(12);
    expect(lastWords).toMatch(/line 4999$/);
  });

  it('tells the signal that killed it', async () => {
    const child = run(`process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000);`);
    expect((await child.exited).how).toBe('killed by SIGSEGV');
  });

  it('may go while it is being written to', async () => {
    const child = run('process.exit(3);');
    const images = { count: 1, images: new Uint8Array(1_000_000) };
    for (let request = 0; request < 20; request++) child.send({ type: 'predict', request, images });
    expect((await child.exited).how).toBe('ended with code 3');
    child.send({ type: 'close' });
    child.kill();
  });

  it('exchanges typed arrays as they are', async () => {
    const child = run(`process.on('message', ({ images }) => {
      process.send({ type: 'answer', request: 1, answer: {
        count: 1, probabilities: Float32Array.from(images.images.subarray(1), (x) => x / 2) } });
    });`);
    const answer = new Promise((resolve) => child.onMessage(resolve));
    const whole = Uint8Array.of(9, 1, 2, 3);
    child.send({ type: 'predict', request: 1, images: { count: 1, images: whole.subarray(1) } });
    expect(await answer).toEqual({
      type: 'answer',
      request: 1,
      answer: { count: 1, probabilities: Float32Array.of(1, 1.5) },
    });
    child.kill();
    await child.exited;
  });

  it('sees the environment it was started with', async () => {
    const child = run(`console.error(process.env.RUNG); process.exit(1);`, { RUNG: 'third' });
    expect((await child.exited).lastWords).toBe('third');
  });
});
