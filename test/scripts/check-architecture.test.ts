import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';

const script = fileURLToPath(new URL('../../scripts/check-architecture.mjs', import.meta.url));

/** A small project: a page that settles and decodes, and a child process that trains. */
const project: Readonly<Record<string, string>> = {
  'README.md': '# It\n',
  'src/streams/page.ts': `
import { decode } from '../operators/decode.js';
import {
  settle,
} from '../operators/settle.js';
import type { Remote } from '../compute/remote.js';

export const page = (remote: Remote) => [settle(), decode(), remote.train()];
`,
  'src/operators/settle.ts': 'export function settle() {}\n',
  'src/operators/decode.ts': `
export function decode() {
  return resize();
}

function resize() {}
`,
  'src/compute/remote.ts': `
export class Remote {
  async train(): Promise<void> {}
}
`,
  'src/compute/child.ts': 'export function runTraining() {}\n',
};

const table = `
| place | holds | may import |
| --- | --- | --- |
| \`src/streams/\` | pages | operators, compute/remote (its calls) |
| \`src/operators/\`, \`src/compute/\` | steps | nothing |
`;

function check(name: string, files: Readonly<Record<string, string>>): string[] {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries({ ...project, 'ARCHITECTURE.md': table, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const { status, stderr } = spawnSync(process.execPath, [script, '--root', root, name], {
    encoding: 'utf8',
  });
  const faults = stderr.split('\n').filter((line) => line !== '');
  expect(status, stderr).toBe(faults.length === 0 ? 0 : 1);
  return faults;
}

describe('folders', () => {
  const faults = (files: Readonly<Record<string, string>> = {}) => check('folders', files);

  test('hold where imports are those of the table', () => {
    expect(faults()).toEqual([]);
  });

  test('see an import that the table does not allow, of a type or later as well', () => {
    const found = faults({
      'src/operators/settle.ts': "import type { page } from '../streams/page.js';\n",
      'src/compute/remote.ts': "export const later = () => import('../operators/settle.js');\n",
    });
    expect(found).toEqual([
      'folders: src/compute/remote.ts imports src/operators/settle.ts, which src/compute/ may not',
      'folders: src/operators/settle.ts imports src/streams/page.ts, which src/operators/ may not',
    ]);
  });

  test('allow a file without its neighbours', () => {
    const found = faults({
      'src/streams/other.ts': "import { runTraining } from '../compute/child.js';\n",
    });
    expect(found).toEqual([
      'folders: src/streams/other.ts imports src/compute/child.ts, which src/streams/ may not',
    ]);
  });

  test('want a row for each folder, and a folder for each name', () => {
    const found = faults({
      'src/web/server.ts': '',
      'ARCHITECTURE.md': table.replace('nothing', 'kernels'),
    });
    expect(found).toEqual([
      'folders: src/operators/ may import "kernels", says ARCHITECTURE.md, but there is no src/kernels',
      'folders: src/compute/ may import "kernels", says ARCHITECTURE.md, but there is no src/kernels',
      'folders: src/web/server.ts is in no row of ARCHITECTURE.md\'s table "may import"',
    ]);
  });
});

describe('walks', () => {
  const faults = (walk: string, files: Readonly<Record<string, string>> = {}) =>
    check('walks', { 'ARCHITECTURE.md': walk, ...files });

  const dropped = `## Walk: a dropped image

1. \`src/streams/page.ts#page\` joins the stages
   1. \`src/operators/settle.ts#settle\` waits,
      until it is quiet
   2. \`src/operators/decode.ts#decode\`
      1. \`src/operators/decode.ts#resize\` of the same file
   3. \`src/compute/remote.ts#Remote.train\` by an interface
2. (message) \`src/compute/child.ts#runTraining\`

## Else

1. No step of a walk.
`;

  test('hold where each step is reached from the one before or above', () => {
    expect(faults(dropped)).toEqual([]);
  });

  test('see files and names that are gone', () => {
    const found = faults(dropped, {
      'src/operators/settle.ts': '/** No longer `function settle`. */\nexport function rest() {}\n',
      'src/compute/remote.ts': 'export class Remote {\n  async start() {}\n}\n',
      'ARCHITECTURE.md': dropped.replace('child.ts#', 'worker.ts#'),
    });
    const walk = 'walks: Walk: a dropped image:';
    expect(found).toEqual([
      `${walk} src/operators/settle.ts#settle: nothing of that name is declared in src/operators/settle.ts`,
      `${walk} src/compute/remote.ts#Remote.train: nothing of that name is declared in src/compute/remote.ts`,
      `${walk} src/compute/worker.ts#runTraining: there is no such file`,
    ]);
  });

  test('see steps that nothing reaches', () => {
    const walk = dropped
      .replace('(message) ', '')
      .replace('page.ts#page` joins', 'page.ts#page`, which joined');
    const found = faults(walk, {
      'src/streams/page.ts': 'export const page = () => []; // settle, decode, remote.train\n',
    });
    const title = 'walks: Walk: a dropped image:';
    expect(found).toEqual([
      `${title} src/operators/settle.ts#settle: is not reached from src/streams/page.ts`,
      `${title} src/operators/decode.ts#decode: is not reached from src/operators/settle.ts or src/streams/page.ts`,
      `${title} src/compute/remote.ts#Remote.train: is not reached from src/operators/decode.ts or src/streams/page.ts`,
      `${title} src/compute/child.ts#runTraining: is not reached from src/compute/remote.ts`,
    ]);
  });

  test('go forward only, over known carriers, in as few hops as they say', () => {
    const found = faults(`### Walk: a loss (at most 2 hops)

1. \`src/streams/page.ts\`
2. \`src/operators/decode.ts\`
3. (magic) \`src/compute/child.ts#runTraining\`
4. (stream) \`src/streams/page.ts\`
5. and then it is there
`);
    const title = 'walks: Walk: a loss (at most 2 hops):';
    expect(found).toEqual([
      `${title} "5. and then it is there" names no \`file#function\``,
      `${title} has 3 hops, 2 at most`,
      `${title} src/compute/child.ts#runTraining: "(magic)" is none of message, event, stream, store`,
      `${title} src/streams/page.ts: comes twice`,
    ]);
  });

  test('are missed where there are none', () => {
    expect(faults('# Architecture\n')).toEqual([
      'walks: ARCHITECTURE.md has no heading that begins with "Walk"',
    ]);
  });
});

test('paths that documents name or link to are there', () => {
  const found = check('paths', {
    'README.md': '[guide](docs/guide.md#start), [site](https://example.org/a.md), `src/streams/`',
    'docs/guide.md': '`src/operators/settle#settle`, `test/gone.test.ts`, [back](../LICENSE)',
    'CHANGELOG.md': '`src/old.ts` went',
  });
  expect(found).toEqual([
    'paths: docs/guide.md names test/gone.test.ts, which is not there',
    'paths: docs/guide.md names LICENSE, which is not there',
  ]);
});

test('lengths are held: 150 lines of a page and of the README, 300 of a file', () => {
  const lines = (count: number) => 'x;\n'.repeat(count);
  const found = check('lengths', {
    'README.md': lines(151),
    'src/streams/page.ts': lines(151),
    'src/streams/parts/long.ts': lines(300),
    'src/operators/decode.ts': lines(301),
  });
  expect(found).toEqual([
    'lengths: README.md has 151 lines, 150 at most',
    'lengths: src/streams/page.ts has 151 lines, 150 at most',
    'lengths: src/operators/decode.ts has 301 lines, 300 at most',
  ]);
});

test('fields that change are counted in the classes of src/streams', () => {
  const found = check('fields', {
    'src/streams/page.ts': `
export class Few {
  readonly a = 1;
  private readonly b: string = '';
  private c = 1;
  private d: (() => void) | null = null;
  e?: number;
  f;
  private g = new Map<string, () => void>();
  private step = () => {};
  private h(): void {
    this.c = 2;
  }
}

class Many extends Few {
  i = 1;
  j: () => void = () => {};
  k = 3;
  l = 4;
  constructor(
    private m: string,
    private readonly n: string,
    protected o: string,
  ) {
    super();
  }
}
`,
  });
  expect(found).toEqual([
    'fields: src/streams/page.ts has 6 fields that change in Many, 5 at most',
  ]);
});
