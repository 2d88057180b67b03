import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseSubmission } from '../../src/store/submission-csv.js';
import { run } from '../support/program.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const raw = fileURLToPath(new URL('../../../shared/data/usgra/raw', import.meta.url));
const store = join(temporaryFolder(), 'store');

/** Real nerve ultrasound, where it lies beside the checkout. */
describe.skipIf(!existsSync(raw))('watch --once on real ultrasound', () => {
  const args = ['watch', '--once', '--json', '--raw', raw, '--store', store, '--epochs', '2'];

  it('trains the full network, writes 12 rows, and finds all of it cached the second time', async () => {
    const first = await run(args);
    expect(first.program.stderr).toBe('');
    expect(first.code).toBe(0);
    const types = new Set(first.program.events.map(({ type }) => type));
    for (const type of [
      'ready',
      'item.ingested',
      'train.started',
      'train.epoch',
      'train.done',
      'item.predicted',
      'submission.written',
      'caught-up',
      'stopped',
    ]) {
      expect(types).toContain(type);
    }
    expect(parseSubmission(readFileSync(join(store, 'submission.csv'), 'utf8')).size).toBe(12);

    const started = performance.now();
    const second = await run(args);
    expect(second.code).toBe(0);
    expect(second.program.all('caught-up')).toMatchObject([{ cached: 72, predicted: 0 }]);
    expect(second.program.all('train.started')).toEqual([]);
    // Promised on a quiet machine: 3 s.
    expect(performance.now() - started).toBeLessThan(10_000);
  }, 240_000);
});
