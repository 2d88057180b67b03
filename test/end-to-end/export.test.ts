import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { Program, run } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');
const where = ['--raw', raw, '--store', store];
const size = ['--size', '32x48'];

describe('export', () => {
  beforeAll(async () => {
    await smallDataSet(raw);
    const once = ['watch', '--once', '--json', '--epochs', '1', ...where, ...smallAndQuick];
    expect((await run(once)).code).toBe(0);
  }, 120_000);

  it('writes several formats and says so', async () => {
    const to = join(folder, 'out');
    const words = ['export', 'npy', 'coco', '--to', to, '--json'];
    const { code, program } = await run([...words, ...where, ...size]);
    expect(code).toBe(0);
    expect(program.stderr).toBe('');
    expect(program.all('export.written')).toMatchObject([
      { format: 'npy', path: join(to, 'npy'), images: 16, leftOut: [] },
      { format: 'coco', path: join(to, 'coco'), images: 4 },
    ]);
    expect(JSON.parse(readFileSync(join(to, 'coco', 'coco-rle.json'), 'utf8'))).toMatchObject({
      images: [{ file_name: 'test/1.tif' }, {}, {}, {}],
    });
  });

  it('writes ONNX that thresholds where --post-processing asks for it', async () => {
    const image = new Tensor('uint8', new Uint8Array(40 * 50).fill(7), [1, 1, 40, 50]);
    const drawn = async (...asked: string[]) => {
      const to = join(folder, `onnx-${asked.length}`);
      const given = ['--to', to, '--post-processing', asked.join(','), '--json'];
      expect((await run(['export', 'onnx', ...given, ...where, ...size])).code).toBe(0);
      const session = await InferenceSession.create(join(to, 'onnx', 'model.onnx'));
      const { mask } = await session.run({ image });
      return (mask!.data as Uint8Array).reduce((sum, value) => sum + value, 0);
    };
    expect(await drawn('threshold=0', 'presenceThreshold=off')).toBe(40 * 50);
    expect(await drawn('threshold=1')).toBe(0);
  });

  it('writes models on a thread of its own, and says what goes wrong there', async () => {
    const to = join(folder, 'models');
    const words = ['export', 'keras', 'tfjs', '--to', to, '--json', ...where, ...size];
    const { code, program } = await run(words);
    expect([code, program.stderr]).toEqual([0, '']);
    expect(program.all('export.written').map(({ format }) => format)).toEqual(['keras', 'tfjs']);
    expect(readdirSync(join(to, 'keras')).sort()).toEqual([
      'architecture.json',
      'export.json',
      'weights.hdf5',
    ]);
    const models = join(store, 'models');
    const damaged = readdirSync(models).flatMap((name) => {
      const weights = join(models, name, 'weights.bin');
      return existsSync(weights) ? [[weights, readFileSync(weights)] as const] : [];
    });
    for (const [path] of damaged) writeFileSync(path, 'cut');
    const again = await run(words);
    for (const [path, bytes] of damaged) writeFileSync(path, bytes);
    expect(again.code).toBe(1);
    const failed = again.program.all('export.failed').map(({ format }) => format);
    expect(failed).toEqual(['keras', 'tfjs']);
    expect(again.program.stderr).not.toContain('    at ');
    expect(readdirSync(to).sort()).toEqual(['keras', 'tfjs']);
  });

  it('fails in one line where there is nothing, or no such format', async () => {
    const none = ['--store', join(folder, 'none'), '--to', join(folder, 'nothing'), '--json'];
    const empty = await run(['export', 'coco', ...none]);
    expect(empty.code).toBe(1);
    expect(empty.program.all('export.failed')).toMatchObject([{ code: 'NOTHING_TO_EXPORT' }]);
    const unknown = await run(['export', 'bmp']);
    expect(unknown.code).toBe(2);
    expect(unknown.program.stderr).toContain('Allowed choices are npy, coco');
  });

  it('says how to have them while the store is in use, and has them', async () => {
    const kept = ['--export', 'labelme', '--export-to', join(folder, 'kept')];
    const running = new Program(['watch', '--json', ...where, ...smallAndQuick, ...kept]);
    expect(await running.next('export.written')).toMatchObject({ format: 'labelme', images: 4 });
    const refused = await run(['export', 'labelme', ...where, ...size]);
    expect(refused.code).toBe(3);
    expect(refused.program.stderr).toContain('"export": ["labelme"] in nerveflow.config.json');
    running.signal('SIGINT');
    expect(await running.exited).toBe(130);
  });
});
