import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { smallDataSet } from './folders.js';
import { Program } from './program.js';

const folder = temporaryFolder();
const config = join(folder, 'nerveflow.config.json');
const start = {
  watchConfig: true,
  backend: 'wasm',
  recipe: 'fast',
  size: '32x48',
  retrain: 'manual',
  epochs: 1,
};

describe.skipIf(process.platform === 'win32')('nerveflow.config.json, watched', () => {
  let program: Program;

  beforeAll(async () => {
    await smallDataSet(join(folder, 'raw'));
    writeFileSync(config, JSON.stringify(start));
    program = new Program(['watch', '--json', '--settle', '50'], {}, folder);
    await program.next('caught-up');
  }, 120_000);

  afterAll(() => program.signal('SIGKILL'));

  /** What is said of the file after a step. */
  async function notice(code: string, step: () => void): Promise<string> {
    const from = program.events.length;
    step();
    return (await program.next('notice', from, (event) => event.code === code)).message;
  }

  it('takes over what an editor writes beside it and renames', async () => {
    const message = await notice('CONFIG_RELOADED', () => {
      writeFileSync(`${config}~`, JSON.stringify({ ...start, epochs: 2 }, null, 2));
      renameSync(`${config}~`, config);
    });
    expect(message).toContain('epochs is now 2 (was 1)');
    program.signal('SIGUSR2');
    expect(await program.next('train.started')).toMatchObject({ epochs: 2, recipe: 'fast' });
    await program.next('train.done');
  });

  it('keeps what ran when the file is bad, then takes the mended one', async () => {
    const refused = await notice('CONFIG_REFUSED', () =>
      writeFileSync(config, '{ "retrain": "auto", "epochs": '),
    );
    expect(refused).toMatch(/is not valid JSON: .+; what ran before it goes on$/);
    const mended = await notice('CONFIG_RELOADED', () =>
      writeFileSync(config, JSON.stringify({ ...start, epochs: 3 })),
    );
    expect(mended).toContain('epochs is now 3 (was 2)');
  });

  it('says what only the next start takes over', async () => {
    const message = await notice('CONFIG_NEEDS_RESTART', () =>
      writeFileSync(config, JSON.stringify({ ...start, epochs: 3, size: '64x80' })),
    );
    expect(message).toContain('size 64x80 (now 32x48)');
  });

  it('trains for another recipe by itself where that is the policy, with the reason', async () => {
    const from = program.events.length;
    const other = { ...start, recipe: 'tutorial', retrain: 'auto', epochs: 1 };
    await notice('CONFIG_RELOADED', () => writeFileSync(config, JSON.stringify(other)));
    expect(await program.next('train.started', from)).toMatchObject({
      reason: 'settings-changed',
      recipe: 'tutorial',
      epochs: 1,
    });
    await program.next('train.done', from);
    expect(program.all('item.ingested', from)).toEqual([]);
  }, 120_000);

  it('goes back to the defaults when the file goes, and follows it when it is back', async () => {
    const other = { ...start, recipe: 'tutorial', retrain: 'never', epochs: 1 };
    await notice('CONFIG_RELOADED', () => writeFileSync(config, JSON.stringify(other)));
    const gone = await notice('CONFIG_RELOADED', () => rmSync(config));
    expect(gone).toContain('epochs is now 20 (was 1)');
    expect(gone).toContain('retrain is now auto (was never)');
    const back = await notice('CONFIG_RELOADED', () =>
      writeFileSync(config, JSON.stringify(other)),
    );
    expect(back).toContain('retrain is now never (was auto)');
  });

  it('says that a flag counts over it', async () => {
    const other = { ...start, recipe: 'tutorial', retrain: 'never', epochs: 1, settle: 500 };
    const message = await notice('CONFIG_OVERRULED', () =>
      writeFileSync(config, JSON.stringify(other)),
    );
    expect(message).toContain('settle changes nothing: --settle counts over it');
  });
});
