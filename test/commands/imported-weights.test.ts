import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { importedStart, serveImported } from '../../src/commands/imported-weights.js';
import type { PipelineEvent } from '../../src/events.js';
import { openStore } from '../../src/store/open-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { testSettings } from '../support/test-settings.js';

const folder = temporaryFolder();
const paths = { raw: join(folder, 'raw'), store: join(folder, 'store') };
const store = openStore(paths.store, 'test');
afterAll(async () => (await store).close());

const weights = join(folder, 'weights.hdf5');
writeFileSync(weights, 'no HDF5');

async function startWith(flags: Parameters<typeof testSettings>[1]) {
  const events: PipelineEvent[] = [];
  const settings = testSettings(paths, { startFrom: weights, ...flags });
  const start = await importedStart(settings, await store, (event) => events.push(event));
  return { start, events };
}

describe('train --start-from', () => {
  it('is nothing where it is not asked for', async () => {
    expect(await startWith({ startFrom: undefined })).toEqual({ start: null, events: [] });
  });

  it.each([
    [{ recipe: 'best' }, 'START_UNUSABLE', /ensemble/],
    [{ like: 'some-model' }, 'START_UNUSABLE', /--like/],
    [{}, 'WEIGHTS_UNREADABLE', /weights\.hdf5: .*signature/],
  ])('is refused in one line: %o', async (flags, code, message) => {
    const { start, events } = await startWith(flags);
    expect(start).toBe('none');
    expect(events).toEqual([
      { type: 'notice', level: 'error', code, message: expect.stringMatching(message) },
    ]);
  });
});

describe('predict --model', () => {
  it('says what it takes where there is no such file', async () => {
    const events: PipelineEvent[] = [];
    const settings = testSettings(paths);
    const emit = (event: PipelineEvent) => events.push(event);
    expect(await serveImported('20261128T1-e3', settings, await store, emit)).toBe(false);
    expect(events).toMatchObject([
      { code: 'WEIGHTS_UNREADABLE', message: expect.stringMatching(/nerveflow models use/) },
    ]);
  });
});
