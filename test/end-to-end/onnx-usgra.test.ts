import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { postProcessingOfCard } from '../../src/model/card.js';
import { decodeImage } from '../../src/operators/decode.js';
import { cleanMask } from '../../src/operators/post-processing.js';
import { decodeRle } from '../../src/operators/rle.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { parseSubmission } from '../../src/store/submission-csv.js';
import { Program } from '../support/program.js';
import { sharedData } from '../support/shared-data.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const raw = join(sharedData('usgra'), 'raw');
const folder = temporaryFolder();
const store = join(folder, 'store');

/** Real nerve ultrasound, where it lies beside the checkout. */
describe.skipIf(!existsSync(raw))('the ONNX export on real ultrasound', () => {
  it('draws the masks of submission.csv, but for less than 1 pixel in 10,000', async () => {
    const recipes = { eager: { extends: 'fast', threshold: 0.05, presenceThreshold: null } };
    writeFileSync(join(folder, 'nerveflow.config.json'), JSON.stringify({ recipes }));
    const run = async (...args: string[]) => {
      const program = new Program([...args, '--store', store, '--json'], {}, folder);
      expect([await program.exited, program.stderr]).toEqual([0, '']);
    };
    const computing = ['--backend', 'wasm', '--recipe', 'eager'];
    await run('ingest', '--raw', raw);
    await run('train', ...computing, '--epochs', '2');
    await run('predict', ...computing);
    await run('export', 'onnx', '--to', join(folder, 'export'));

    const session = await InferenceSession.create(join(folder, 'export', 'onnx', 'model.onnx'));
    const card = (await new ModelRegistry(join(store, 'models')).currentCard())!;
    const rows = parseSubmission(readFileSync(join(store, 'submission.csv'), 'utf8'));
    let pixels = 0;
    let foreground = 0;
    let different = 0;
    for (const name of readdirSync(join(raw, 'test'))) {
      const decoded = await decodeImage(readFileSync(join(raw, 'test', name)), { maxPixels: 1e6 });
      if (!decoded.ok) throw new Error(decoded.failure.message);
      const { height, width, data } = decoded.value;
      const image = new Tensor('uint8', data, [1, 1, height, width]);
      const theirs = (await session.run({ image })).mask!.data as Uint8Array;
      // What the graph cannot hold is left to whoever uses it.
      cleanMask(theirs, decoded.value, postProcessingOfCard(card));
      const ours = decodeRle(rows.get(name.replace('.tif', ''))!, decoded.value);
      if (!ours.ok) throw new Error(ours.failure.message);
      pixels += ours.value.length;
      for (const [at, value] of ours.value.entries()) {
        foreground += value;
        if (value !== theirs[at]) different++;
      }
    }
    expect(pixels).toBe(12 * 420 * 580);
    expect(foreground).toBeGreaterThan(pixels / 1000);
    expect(different / pixels).toBeLessThan(1e-4);
  }, 240_000);
});
