import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cli, type Program, run } from '../support/program.js';
import { sharedData } from '../support/shared-data.js';
import { smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const odd = sharedData('odd');
const folder = temporaryFolder();
const raw = join(folder, 'raw');
const truth = join(raw, 'test-truth.csv');

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function scored(submission: string, more: readonly string[] = []) {
  const args = ['evaluate', '--against', truth, '--submission', submission, '--raw', raw, ...more];
  const { code, program } = await run([...args, '--json']);
  return { code, program, result: program.all('evaluation.scored')[0] };
}

const failures = (program: Program) =>
  program.all('item.failed').map(({ path, code }) => [path.split(':').at(-1), code]);

describe('evaluate --against', () => {
  beforeAll(() => smallDataSet(raw, { subjects: 1, perSubject: 1, test: 10 }));

  it('the truth itself scores 1, at the size of the test images', async () => {
    const { code, program, result } = await scored(truth);
    expect(program.stderr).toBe('');
    expect(code).toBe(0);
    expect(result).toMatchObject({ missing: 0, extra: 0, malformed: 0 });
    expect(result!.model).toMatchObject({ images: 10, positives: 8, dice: 1, hausdorff95: 0 });
    // Two of ten are empty.
    expect(result!.allEmpty).toMatchObject({ dice: 0.2, recall: 0, precision: null });
    expect(program.events.at(-1)).toEqual({ type: 'stopped', reason: 'done' });
  });

  it('names missing and extra rows, and counts a missing one as empty', async () => {
    const lines = readFileSync(truth, 'utf8').trim().split('\n');
    const partly = written('partly.csv', `${lines.slice(0, -3).join('\n')}\n77,1 1\n`);
    const { code, program, result } = await scored(partly);
    expect(code).toBe(1);
    expect(result).toMatchObject({ missing: 3, extra: 1, malformed: 0 });
    const notices = program.all('notice').map(({ message }) => message);
    expect(notices[0]).toContain('no row for 8, 9, 10');
    expect(notices[1]).toContain('77');
    expect(result!.model.images).toBe(10);
  });

  it('names malformed rows by line', async () => {
    const lines = readFileSync(truth, 'utf8').trim().split('\n');
    lines[2] = '2,5 x';
    lines[4] = '4,12288 2';
    lines.push('what is this');
    const { code, program, result } = await scored(written('bad.csv', lines.join('\n')));
    expect(code).toBe(1);
    expect(result!.malformed).toBe(3);
    expect(failures(program)).toEqual([
      ['12', 'ROW_WITHOUT_COMMA'],
      ['3', 'RLE_NOT_A_NUMBER'],
      ['5', 'RLE_OUT_OF_RANGE'],
    ]);
  });

  it('takes another size from the command line', async () => {
    const { program } = await scored(truth, ['--image-size', '8x8']);
    expect(new Set(program.all('item.failed').map(({ code }) => code))).toEqual(
      new Set(['RLE_OUT_OF_RANGE']),
    );
  });

  it('prints a table for people; a file that is not there is exit code 2', () => {
    const args = ['evaluate', '--against', truth, '--raw', raw];
    const fine = spawnSync(process.execPath, [cli, ...args, '--submission', truth], {
      encoding: 'utf8',
    });
    expect(fine.status).toBe(0);
    expect(fine.stdout).toMatch(/Dice \(Kaggle\) +1\.000 +0\.200/);
    const lost = spawnSync(process.execPath, [cli, ...args, '--submission', 'nowhere.csv'], {
      encoding: 'utf8',
    });
    expect(lost.status).toBe(2);
    expect(lost.stderr).toBe(
      'nerveflow: --submission: "nowhere.csv" is not there; it takes a file\n',
    );
  });

  it("reads a spreadsheet's Unicode text", async () => {
    const utf16 = join(folder, 'utf16.csv');
    const text = readFileSync(truth, 'utf8').replaceAll(',', '\t');
    writeFileSync(utf16, `\uFEFF${text}`, 'utf16le');
    const { code, result } = await scored(utf16);
    expect(code).toBe(0);
    expect(result!.model).toMatchObject({ images: 10, dice: 1 });
  });

  it('names a row of the truth after the truth', async () => {
    const bad = written('bad-truth.csv', 'img,pixels\n1,5 x\n2,\n');
    const { code, program } = await run([
      'evaluate',
      '--against',
      bad,
      '--submission',
      truth,
      '--raw',
      raw,
      '--json',
    ]);
    expect(code).toBe(1);
    expect(program.all('item.failed')).toMatchObject([
      { path: `${bad}:2`, stage: 'truth', code: 'RLE_NOT_A_NUMBER' },
    ]);
  });

  it("takes Kaggle's train_masks.csv as truth, at the size of the train images", async () => {
    const [, pixels] = readFileSync(truth, 'utf8').match(/^1,(.+)$/m)!;
    const masks = written('train_masks.csv', `subject,img,pixels\n1,1,${pixels}\n`);
    const answers = written('answers.csv', `img,pixels\n001.tif,${pixels}\n`);
    const { code, program } = await run([
      'evaluate',
      '--against',
      masks,
      '--submission',
      answers,
      '--raw',
      raw,
      '--json',
    ]);
    expect(code).toBe(0);
    expect(program.all('evaluation.scored')[0]).toMatchObject({
      missing: 0,
      extra: 0,
      model: { images: 1, dice: 1 },
    });
    expect(program.all('notice').map(({ message }) => message)).toEqual([
      `${masks} is read so: ids are subject_img; run lengths are column pixels.`,
      `${answers} is read so: ids are taken as the truth's: 001.tif as 1_1.`,
    ]);
  });

  describe.skipIf(!existsSync(odd))('files that people have', () => {
    it.each(['truth.csv', 'quotes.csv', 'qpix.csv', 'padded.csv'])('%s scores 1', async (name) => {
      const { code, program } = await run([
        'evaluate',
        '--against',
        join(odd, 'truth.csv'),
        '--submission',
        join(odd, name),
        '--json',
      ]);
      expect(code).toBe(0);
      expect(program.all('evaluation.scored')[0]!.model).toMatchObject({ images: 3, dice: 1 });
    });

    it('train_masks.csv', async () => {
      const file = join(odd, 'train_masks.csv');
      const { code, program } = await run([
        'evaluate',
        '--against',
        file,
        '--submission',
        file,
        '--json',
      ]);
      expect(code).toBe(0);
      expect(program.all('evaluation.scored')[0]!.model).toMatchObject({ images: 5, dice: 1 });
    });
  });
});
