import { afterEach, describe, expect, it } from 'vitest';
import type { PipelineEvent } from '../../../src/events.js';
import {
  caughtUp,
  epoch,
  failed,
  ingested,
  predicted,
  preview,
  ready,
  stages,
  step,
  system,
  trainDone,
  trainStarted,
  written,
} from '../../support/events.js';
import { openDashboard, pressed, t0 } from '../../support/terminal.js';

process.env.TZ = 'UTC';

let close: (() => void) | undefined;
afterEach(() => close?.());

function open(...args: Parameters<typeof openDashboard>) {
  const opened = openDashboard(...args);
  close = () => opened.dashboard.unmount();
  return opened;
}

/** A session with something on every panel. */
const busy: PipelineEvent[] = [
  ready({
    skipped: [
      { backend: 'tensorflow', reason: 'no CUDA device' },
      { backend: 'onednn', reason: 'not built' },
    ],
  }),
  stages({ ingest: { queued: 1_234, inFlight: 2 }, pair: { waiting: 3 } }, 4),
  ...Array.from({ length: 40 }, (_, i) => ingested(`1_${i}`, 'train', i % 4 ? 'new' : 'cached')),
  failed({ path: '/data/raw/train/超声图像_1.tif' }),
  failed({ path: `/data/raw/train/${'long-'.repeat(60)}.tif`, message: 'm'.repeat(400) }),
  written(),
  trainStarted(),
  step(1, 1),
  step(1, 2, { loss: 0.9 }),
  epoch(1),
  step(2, 1, { loss: 0.4 }),
];

const sizes = [
  [40, 12],
  [60, 20],
  [80, 24],
  [120, 40],
  [240, 70],
] as const;

describe('at every size', () => {
  it.each(
    sizes,
  )('%i x %i: says what it does, wraps nothing, leaves the last row free', async (columns, rows) => {
    const { terminal, send } = open(columns, rows);
    send(busy);
    const screen = await terminal.screen();
    expect(screen[0]).toMatch(/▲ training/);
    expect(screen[0]).toContain('wasm');
    expect(screen.join('\n')).toContain('Pipeline');
    expect(screen.join('\n')).toContain('Training');
    expect(screen.join('\n')).toContain('batch Dice');
    expect(screen[rows - 2]).toMatch(/^ ?q quit .*\? help$/);
    expect(screen[rows - 1]).toBe('');
  });

  it.each([
    [39, 24],
    [80, 11],
    [20, 5],
    [1, 1],
  ])('%i x %i: one friendly line', async (columns, rows) => {
    const { terminal, send } = open(columns, rows);
    send(busy);
    const screen = await terminal.screen();
    expect(screen.slice(1).join('')).toBe('');
    expect('▲ training').toContain(screen[0]!.slice(0, 10).replace('…', ''));
    if (columns >= 60)
      expect(screen[0]).toBe(`▲ training ${columns}x${rows} is small; 40x12 shows all`);
  });

  it('resizing leaves nothing of the old frame', async () => {
    const { terminal, send, pass } = open(120, 40);
    const still = busy.filter(({ type }) => type !== 'item.ingested');
    const ageless = (lines: string[]): string[] =>
      lines.map((line) => line.replace(/\b\d+s\b/g, '#s'));
    send(still);
    let elapsed = 0;
    for (const [columns, rows] of [...sizes, [39, 11], [100, 30], [81, 25]] as const) {
      terminal.resizeTo(columns, rows);
      pass(2_000);
      elapsed += 2_000;
      const fresh = openDashboard(columns, rows);
      fresh.send(still);
      fresh.pass(elapsed);
      expect(ageless(await terminal.screen())).toEqual(ageless(await fresh.terminal.screen()));
      fresh.dashboard.unmount();
    }
  });

  it('wide characters take the cells they take', async () => {
    const { terminal, send, press } = open(120, 40);
    send([ready(), failed({ path: '/data/raw/test/a超声图像.tif', code: 'CODE_A' })]);
    await press(pressed.shiftTab, pressed.shiftTab, pressed.enter);
    expect(await terminal.text()).toContain('✗ test/a超声图像.tif');
    send([failed({ path: '/data/raw/test/é́12345678.tif', code: 'CODE_B' })]);
    expect(await terminal.columnOf('CODE_A')).toBe(await terminal.columnOf('CODE_B'));
  });
});

describe('what each panel says', () => {
  it('starting, then what runs and why nothing faster', async () => {
    const { terminal, send, pass } = open();
    pass(1);
    expect((await terminal.screen())[0]).toMatch(
      /^ ○ starting {2}looking for the fastest backend .* no backend yet · up 0s$/,
    );
    send([ready({ threads: 2, skipped: [{ backend: 'webgpu', reason: 'no adapter' }] })]);
    const [first, second] = await terminal.screen();
    expect(first).toMatch(
      /^ ● watching {2}looking what there is to do .* wasm on AMD EPYC 9B14, 2 threads · up [12]s$/,
    );
    expect(second).toBe(' not used: webgpu (no adapter)');
    send([caughtUp({ pending: 3 })]);
    expect((await terminal.screen())[0]).toMatch(
      /watching {2}all caught up, but for 3 images without a prediction/,
    );
    send([caughtUp()]);
    expect((await terminal.screen())[0]).toMatch(/watching {2}all caught up {2}/);
  });

  it('a command that computes nothing has no backend', async () => {
    const { terminal, send } = open();
    send([ready({ backend: null, skipped: [] })]);
    const [first, second] = await terminal.screen();
    expect(first).toContain('no compute');
    expect(second).toContain('reads /data/raw, keeps /data/store');
  });

  it('a row a stage, with bar and time while there is a backlog', async () => {
    const { terminal, send } = open();
    send(
      [
        ready(),
        stages({ ingest: { queued: 40 } }),
        ...Array.from({ length: 10 }, (_, i) => ingested(`1_${i}`)),
      ],
      100,
    );
    send([stages({ ingest: { queued: 28, inFlight: 2 }, pair: { waiting: 3 } }, 4)]);
    const text = await terminal.text();
    expect(text).toMatch(/▼ ingesting {2}30 images to go, \d+s left/);
    expect(text).toMatch(/Pipeline +done +in flight +queued +waiting +failed +items\/s/);
    expect(text).toMatch(/▸ ingest +10 +2 +28 +0 +0 +\d+(\.\d)? +━*─+ 25%, \d+s/);
    expect(text).toMatch(/ {2}pair +10 +0 +0 +3 +0 .*no partner yet/);
    expect(text).toMatch(/ {2}settle +· +0 +0 +0 +0 +· +4 ignored/);
    send([stages()]);
    expect(await terminal.text()).toMatch(/ {2}ingest +10 +0 +0 +0 +0 +·$/m);
  });

  it('a training with both kinds of Dice, its curves and its end', async () => {
    const { terminal, send } = open();
    expect(await terminal.text()).toContain('none yet');
    expect(await terminal.text()).not.toContain('raw/train');
    send([ingested('1_1')]);
    expect(await terminal.text()).toContain('none yet: begins when all is taken in');
    send(
      [
        ready(),
        trainStarted(),
        step(1, 1),
        step(1, 2),
        step(1, 3),
        step(1, 4),
        epoch(1),
        step(2, 1),
      ],
      500,
    );
    let text = await terminal.text();
    expect(text).toContain('▲ training  epoch 2 of 20, 5');
    expect(text).toContain('default recipe · 120 pairs + 24 held out · 10 subjects · first model');
    expect(text).toMatch(/epoch +2\/20 ━?─+ +6% +\d+s left/);
    expect(text).toMatch(/step +1\/4 ━+─+ +25% +\ds left/);
    expect(text).toMatch(/train +validation +best \(ep 1\)/);
    expect(text).toMatch(/batch Dice +0\.550 +0\.580 +0\.580/);
    expect(text).toMatch(/image Dice +0\.520 +0\.520/);
    expect(text).toMatch(/loss +0\.500/);
    expect(text).toMatch(/pace +41 images\/s +learning rate 3\.0e-4/);
    expect(text).toMatch(/batch Dice {2}── train {2}┈┈ validation +loss {2}── train/);
    expect(text).toMatch(/0 +epoch 2 +0 +epoch 2/);
    expect(text).toMatch(/[\u2801-\u28ff]/);
    send([trainDone()]);
    text = await terminal.text();
    expect(text).toContain('Training  done after');
    expect(text).toContain('model m1');
    expect(text).toMatch(/best \(ep 17\)/);
    expect(text).toContain('● watching');
  });

  it('a training that was interrupted, and one that failed', async () => {
    const { terminal, send } = open();
    send([ready(), trainStarted(), step(1, 1)]);
    send([{ type: 'train.interrupted', epoch: 1, step: 1, resumable: true }]);
    expect(await terminal.text()).toMatch(/Training {2}stopped after \d+s: saved, it resumes/);
    send([trainStarted({ reason: 'resumed' }), step(1, 2)]);
    expect(await terminal.text()).toContain('10 subjects · resumed');
    send([{ type: 'train.failed', code: 'LOSS_NOT_FINITE', message: 'the loss is NaN' }]);
    expect(await terminal.text()).toMatch(
      /Training {2}failed after \d+s: the loss is NaN \(LOSS_NOT_FINITE\)/,
    );
  });

  it('predictions, the file that is handed in, and what is pending', async () => {
    const { terminal, send, pass } = open();
    send([ready(), caughtUp({ pending: 2, predicted: 0 })]);
    expect(await terminal.text()).toMatch(/submission +none yet/);
    expect(await terminal.text()).toMatch(/submission +0 +· +· +2 +0 .*to be predicted/);
    send([stages({ predict: { queued: 5, inFlight: 1 } }), predicted('1'), predicted('2', 0)]);
    expect((await terminal.screen())[0]).toMatch(/◆ predicting {2}6 images to go/);
    send([stages(), written(12, 9), caughtUp()]);
    pass(60_000);
    const text = await terminal.text();
    expect(text).toMatch(/submission\.csv 12 rows, 1m ago/);
    expect(text).toMatch(/with a nerve +9 ━+─+ 75%/);
    expect(text).toMatch(/predicted +2 since start/);
    expect((await terminal.screen())[1]).toMatch(/last change 1m ago$/);
  });

  it('failures: none, some, and the newest of many', async () => {
    const { terminal, send } = open();
    send([ready()]);
    expect(await terminal.text()).toMatch(/Failures {2}none/);
    send(Array.from({ length: 300 }, (_, i) => failed({ path: `/data/raw/test/${i}.tif` })));
    const text = await terminal.text();
    expect(text).toMatch(/Failures {2}300/);
    expect(text).toMatch(/✗ test\/299\.tif DECODE_FAILED/);
    expect(text).toMatch(/12:00:0\d decode: the file ends/);
    expect(text).not.toContain('test/7.tif');
    expect(text).toMatch(/! ingested|! 300 failed/);
  });

  it('what the model sees, newest or worst first, beside the truth where it is known', async () => {
    const { terminal, send, press, pass } = open();
    expect(await terminal.text()).toContain('What the model sees  nothing yet');
    send([
      ready(),
      preview('1_1', { split: 'train' }),
      preview('1_2', { split: 'train', found: false }),
      preview('7'),
    ]);
    expect(await terminal.text()).toContain('What the model sees  newest of 3');
    expect(await terminal.text()).toContain('test image 7: nerve outlined');
    // A person is given time to look at it.
    pass(4_000);
    const known = { ...preview('8'), imageDice: 0.81 };
    send([{ ...known, picture: { ...known.picture, truth: known.picture.mask } }]);
    expect(await terminal.text()).toMatch(/test image 8 +image Dice 0\.810/);
    expect(await terminal.text()).toMatch(/── model +── truth/);
    await press(pressed.right);
    await press(pressed.right);
    expect(await terminal.text()).toContain('What the model sees  3 of 4');
    expect(await terminal.text()).toMatch(/1_2 +image Dice 0\.000/);
    expect(await terminal.text()).toMatch(/── model: empty +── truth/);
    await press(pressed.right, pressed.right);
    expect(await terminal.text()).toMatch(/1_1 +image Dice 1\.000/);
    await press('w');
    expect(await terminal.text()).toContain('What the model sees  worst of 3');
    expect(await terminal.text()).toMatch(/1_2 +image Dice 0\.000/);
    await press('w', pressed.tab, pressed.tab, pressed.tab, pressed.enter);
    await press(pressed.right, pressed.right);
    // On the whole screen there is room for both side by side.
    const row = (await terminal.screen())[20]!;
    expect(row).toMatch(/^ ▀{40,} +▀{40,}$/);
  });

  it('a picture in every depth of colour', async () => {
    for (const [env, codes] of [
      [{ TERM: 'xterm', COLORTERM: 'truecolor' }, /\[38;2;255;135;0;48;2;/],
      [{ TERM: 'xterm-256color' }, /\[38;5;208;48;5;2\d\d/],
    ] as const) {
      const { terminal, send, dashboard } = openDashboard(120, 40, { env });
      send([ready(), preview('7')]);
      expect(terminal.writes.join('')).toMatch(codes);
      expect(await terminal.text()).toContain('▀▀▀');
      dashboard.unmount();
    }
    const few = openDashboard(120, 40, { env: { TERM: 'xterm' } });
    few.send([ready(), preview('1_1', { split: 'train' }), preview('7')]);
    expect(await few.terminal.text()).toMatch(/ooo/);
    expect(await few.terminal.text()).not.toContain('▀');
    few.dashboard.unmount();
    const none = open(120, 40, { env: { TERM: 'xterm', NO_COLOR: '1' } });
    none.send([ready(), preview('1_1', { split: 'train' })]);
    expect(await none.terminal.text()).toContain('oo model  xx truth  88 both');
    expect(await none.terminal.coloured()).toBe(false);
  });

  it('what it costs; tensors that only become more, and a full disk, are an alarm', async () => {
    const { terminal, send } = open();
    send([ready(), system()]);
    let text = await terminal.text();
    expect(text).toMatch(/program +3\.2% CPU +186 MB RAM/);
    expect(text).toMatch(/compute +143% CPU +361 MB RAM/);
    expect(text).toMatch(/tensors +184 +7\.8 MB/);
    expect(text).toMatch(/disk +83\.2 GB left/);
    expect(text).not.toContain('GPU');
    send(Array.from({ length: 80 }, (_, look) => system(184 + look)));
    text = await terminal.text();
    expect(text).toMatch(/tensors only ever become more \(74 in minutes\): memory may leak/);
    expect(text).toMatch(/tensors +263, 74 more: a leak\?/);
    send([system(184, { diskFree: 5e8 })]);
    expect((await terminal.screen())[1]).toContain('only 500 MB left on the disk of the store');
    const gpu = { name: 'NVIDIA H100', busy: 0.93, memoryUsed: 2.1e9, memoryTotal: 85.5e9 };
    send([system(184, { gpu })]);
    expect(await terminal.text()).toMatch(/GPU +93% busy +2\.1 GB/);
  });

  it('an image Dice says nothing without that of empty masks, nor a run without those before', async () => {
    const { terminal, send } = open();
    const run = [
      trainStarted(),
      ...[1, 2, 3].map((at) => epoch(at, { validationEmptyShare: 0.53, isBest: at === 1 })),
    ];
    send([ready(), ...run]);
    let text = await terminal.text();
    expect(text).toMatch(/baseline +all empty 0\.530 +not beaten/);
    expect(text).toMatch(/image Dice ── val\. ┈┈ empty/);
    send([trainDone(), ...run.slice(0, -1)]);
    send([epoch(3, { validationEmptyShare: 0.53, validationImageDice: 0.7, isBest: true })]);
    text = await terminal.text();
    expect(text).toMatch(/baseline +all empty 0\.530 +beaten/);
    expect(text).toMatch(/loss {2}── train {2}faint: runs before/);
    terminal.resizeTo(80, 24);
    send([]);
    expect(await terminal.text()).toMatch(/loss +0\.412 +baseline: all empty 0\.530/);
  });

  it('a name with escape codes is only a name', async () => {
    const { terminal, send } = open();
    send([ready(), failed({ path: '/data/raw/\u001b[2J\u001b]0;owned\u0007.tif' })]);
    const text = await terminal.text();
    expect(text).toContain('?[2J?]0;owned?.tif');
    expect(text).toContain('Pipeline');
  });

  it('the last events as sentences, newest at the bottom', async () => {
    const { terminal, send } = open();
    send(
      [
        ready(),
        ingested('1_1'),
        ingested('1_2'),
        caughtUp(),
        { type: 'notice', level: 'error', code: 'DISK_FULL', message: 'the disk is full' },
      ],
      1000,
    );
    const screen = await terminal.screen();
    const log = screen.slice(screen.findIndex((line) => line.includes('Log  ')));
    expect(
      log.map((line) => line.trim().replace(/ {3,}(?!ready|ing|caught).*$/, '')).slice(0, 5),
    ).toEqual([
      'Log  4 since start',
      '12:00:00   ready: wasm on AMD EPYC 9B14 (1 thread)',
      '12:00:02   ingested 2 images',
      '12:00:03   caught up, watching',
      '12:00:04 ✗ the disk is full',
    ]);
  });

  it('what happened on another day has that day before it', async () => {
    const { terminal, send, skip } = open();
    send([ready(), failed({ code: 'CODE_A' })]);
    expect(await terminal.text()).toMatch(/12:00:\d\d {3}ready: wasm/);
    skip(3 * 86_400_000);
    expect(await terminal.text()).toMatch(/Mar {2}4 {5}ready: wasm/);
    expect(await terminal.text()).toMatch(/Mar {2}4 {3}decode: /);
  });

  it('paused and degraded are seen across the room', async () => {
    const { terminal, send } = open();
    send([ready(), { type: 'paused', paused: true }]);
    expect((await terminal.screen())[0]).toMatch(/^ ‖ paused {2}new files wait; space goes on/);
    expect(await terminal.text()).toContain('space go on');
    send([trainStarted()]);
    expect((await terminal.screen())[0]).toContain('new files wait; training goes on');
    send([{ type: 'paused', paused: false }]);
    send([
      { type: 'compute', state: 'restarting', backend: 'wasm', message: 'it ran out of memory' },
    ]);
    expect((await terminal.screen())[0]).toMatch(/^ ! degraded {2}it ran out of memory/);
  });
});

describe('what keeps it from its work', () => {
  const folder: PipelineEvent = {
    type: 'notice',
    level: 'error',
    code: 'FOLDER_MISSING',
    message: '/data/raw/test is not there; what is known of its files is kept until it comes back',
  };

  it.each([
    [
      'a full disk, until something is written again',
      failed({ stage: 'cache', code: 'DISK_FULL', message: 'full' }),
      /degraded {2}the disk of the store is full/,
      'make room: what failed is tried again by itself',
      ingested('1_1'),
    ],
    [
      'a store that cannot be written',
      failed({
        stage: 'cache',
        code: 'STORE_WRITE_FAILED',
        message: 'the store cannot be written: EROFS',
      }),
      /degraded {2}the store cannot be written: EROFS/,
      'let it be written to: what failed is tried again by itself',
      predicted('1'),
    ],
    [
      'a folder that is gone, until it is back',
      folder,
      /degraded {2}\/data\/raw\/test is not there/,
      'bring it back: until then nothing of its files is dropped',
      { ...folder, code: 'FOLDER_BACK', message: '/data/raw/test is back' },
    ],
    [
      'a folder in which nothing counts, until something does',
      {
        ...folder,
        code: 'NOTHING_RECOGNISED',
        message:
          'None of the 9 files there counts by the layout kaggle (a.png): --layout pairs would take in 4 pairs',
      },
      /degraded {2}None of the 9 files there counts by the layout kaggle/,
      '--layout pairs would take in 4 pairs',
      ingested('1_1'),
    ],
    [
      'a compute process that was given up',
      {
        type: 'compute',
        state: 'failed',
        backend: null,
        message: 'COMPUTE_LOST: it died 4 times',
      },
      /degraded {2}compute given up: COMPUTE_LOST: it died 4 times/,
      'it is tried again by itself (p: now); nerveflow doctor tells more',
      { type: 'compute', state: 'ready', backend: 'wasm', message: '' },
    ],
    [
      'a training that failed, until the next one',
      { type: 'train.failed', code: 'LOSS_NOT_FINITE', message: 'the loss is NaN' },
      /degraded {2}training failed: the loss is NaN/,
      't trains again',
      trainStarted(),
    ],
  ] as [
    string,
    PipelineEvent,
    RegExp,
    string,
    PipelineEvent,
  ][])('%s: what it is, and what to do', async (_, begins, what, remedy, ends) => {
    for (const [columns, rows] of [
      [120, 40],
      [80, 24],
    ] as const) {
      const { terminal, send, dashboard } = openDashboard(columns, rows);
      send([ready()]);
      send([begins]);
      const [first, second] = await terminal.screen();
      expect(first).toMatch(what);
      expect(second).toContain(remedy);
      send([ends]);
      expect((await terminal.screen())[0]).not.toContain('degraded');
      dashboard.unmount();
    }
  });
});

describe('what a training came to', () => {
  const scores = { subjects: [1, 2], pairs: 12 };

  it('which model predicts, and by how much it is the better one', async () => {
    const { terminal, send } = open();
    send([
      ready(),
      trainStarted(),
      {
        type: 'train.cleaned',
        runId: 'r1',
        pairs: 124,
        leftOut: 4,
        reasons: {
          'empty-against-outlined': 4,
          'outlined-against-empty': 0,
          'outline-elsewhere': 0,
        },
        ids: ['1_1', '1_2', '1_3', '1_4'],
      },
    ]);
    expect(await terminal.text()).toContain('120 pairs, 4 left out + 24 held out');
    send([
      trainDone(),
      {
        type: 'model.promoted',
        modelId: 'm2',
        previous: 'm1',
        reason: 'as-good',
        imageDice: 0.62,
        previousImageDice: 0.58,
        ...scores,
      },
    ]);
    expect(await terminal.text()).toMatch(/model +new 0\.620, old 0\.580/);
    send([
      {
        type: 'model.kept',
        modelId: 'm2',
        rejected: 'm3',
        imageDice: 0.62,
        rejectedImageDice: 0.55,
        ...scores,
      },
    ]);
    expect(await terminal.text()).toMatch(/model +old 0\.620, new 0\.550/);
  });

  it('after a restart with nothing to do, what is there: the model, the file, and since when', async () => {
    const { terminal, send } = open();
    expect(await terminal.text()).toMatch(/submission +not looked at yet/);
    send([
      ready(),
      {
        type: 'model.serving',
        modelId: 'm1',
        recipe: 'default',
        pairs: 50,
        imageDice: 0.453,
        trainedAt: new Date(t0 - 3 * 86_400_000).toISOString(),
        isInterim: false,
      },
      {
        type: 'submission.unchanged',
        path: '/data/store/submission.csv',
        rows: 12,
        nonEmpty: 5,
        writtenAt: new Date(t0 - 3 * 86_400_000).toISOString(),
      },
      caughtUp({ pending: 0, predicted: 0 }),
    ]);
    const text = await terminal.text();
    expect(text).toContain(
      'none since start: the model of Mar  1 predicts (default recipe, 50 pairs)',
    );
    expect(text).toContain('on images held out from it: image Dice 0.453');
    expect(text).toContain('t trains now');
    expect(text).toMatch(/submission\.csv +12 rows, 3d ago/);
    expect(text).toMatch(/model +image Dice 0\.453/);
    expect(text).toMatch(/with a nerve +5 .* 42%/);
  });

  it('where nothing can be trained, what it would take', async () => {
    const { terminal, send } = open();
    send([ready(), caughtUp({ pending: 0, predicted: 0 })]);
    expect(await terminal.text()).toContain('none yet: it needs images with masks in raw/train');
    send([ingested('1_1'), caughtUp({ pending: 0, predicted: 0 })]);
    expect(await terminal.text()).toContain('none yet: too few images with masks, or it waits');
  });

  it('a cross-validation says how far it is, and what it comes to so far', async () => {
    const { terminal, send } = open();
    const fold = (at: number, dice: number): PipelineEvent => ({
      type: 'evaluation.fold',
      seed: 1,
      fold: at,
      subjects: [at],
      pairs: 10,
      dice,
      isKept: false,
      postProcessing: {
        threshold: 0.5,
        presenceThreshold: null,
        leastArea: 0,
        fillHoles: false,
        largestComponents: null,
      },
    });
    send([
      ready(),
      {
        type: 'evaluation.started',
        fingerprint: 'f',
        folder: '/data/store/evaluations/f',
        recipe: 'default',
        epochs: 20,
        pairs: 60,
        subjects: 12,
        folds: 5,
        emptyFolds: [],
        seeds: [1],
      },
      fold(1, 0.6),
      fold(2, 0.5),
      { type: 'evaluation.progress', seed: 1, fold: 3, done: 0.45, msLeft: 120_000 },
    ]);
    expect((await terminal.screen())[0]).toMatch(
      /◇ evaluating {2}45%, 2m 00s left at most \(seed 1, fold 3\)/,
    );
    const text = await terminal.text();
    expect(text).toMatch(/evaluated +2 of 5 folds/);
    expect(text).toMatch(/image Dice +0\.550 so far/);
    expect(text).toMatch(/worst fold +0\.500 \(fold 2\)/);
  });
});

describe('each key', () => {
  it('space, t and p ask the program and say so', async () => {
    const { terminal, commands, send, press, pass } = open();
    send([ready()]);
    await press(' ');
    expect(commands.pause).toHaveBeenLastCalledWith(true);
    expect((await terminal.screen()).at(-2)).toMatch(/pauses: new files wait$/);
    send([{ type: 'paused', paused: true }]);
    await press(' ');
    expect(commands.pause).toHaveBeenLastCalledWith(false);
    await press('t');
    expect(commands.train).toHaveBeenCalledOnce();
    await press('p');
    expect(commands.predictAgain).toHaveBeenCalledOnce();
    expect((await terminal.screen()).at(-2)).toMatch(/asked to predict again$/);
    pass(4_000);
    expect((await terminal.screen()).at(-2)).toMatch(/\? help$/);
  });

  it('q stops at once when nothing is lost by it', async () => {
    const { terminal, commands, send, press } = open();
    send([ready()]);
    await press('q');
    expect(commands.quit).toHaveBeenCalledOnce();
    expect((await terminal.screen())[0]).toContain('□ stopping');
    expect((await terminal.screen()).at(-2)).toContain('ctrl-c once more stops at once');
    await press(pressed.ctrlC);
    expect(commands.quit).toHaveBeenCalledTimes(2);
  });

  it('q asks while training; esc, another key or waiting is no', async () => {
    const { terminal, commands, send, press, pass } = open(80, 24);
    send([ready(), trainStarted(), step(1, 1)]);
    const question = 'q again to stop: training is saved and resumes';
    const footer = async () => (await terminal.screen()).at(-2);
    await press('q');
    expect(await footer()).toContain(question);
    await press(pressed.esc);
    expect(await footer()).not.toContain(question);
    await press('q', 'y', 'q');
    expect(commands.quit).not.toHaveBeenCalled();
    pass(6_000);
    expect(await footer()).toContain('q quit');
    await press('q');
    expect(commands.quit).not.toHaveBeenCalled();
    await press('q');
    expect(commands.quit).toHaveBeenCalledOnce();
  });

  it('ctrl-c is never asked about, and two struck together are two', async () => {
    const { commands, send, press } = open();
    send([ready(), trainStarted(), step(1, 1)]);
    await press(pressed.ctrlC);
    expect(commands.quit).toHaveBeenCalledTimes(1);
    await press(pressed.ctrlC + pressed.ctrlC);
    expect(commands.quit).toHaveBeenCalledTimes(3);
  });

  it('r tries failed files again, when there are any', async () => {
    const { terminal, commands, send, press } = open(80, 24);
    send([ready()]);
    await press('r');
    expect(commands.retryFailed).not.toHaveBeenCalled();
    expect(await terminal.text()).toContain('nothing has failed');
    expect(await terminal.text()).not.toContain('r retry');
    send([failed()]);
    expect(await terminal.text()).toContain('r retry');
    await press('r');
    expect(commands.retryFailed).toHaveBeenCalledOnce();
  });

  it('/ shows only failures with these letters; no letter of it is a command', async () => {
    const { terminal, commands, send, press } = open(80, 24);
    send([ready()]);
    send(['q1', 'p2', 'q3'].map((name) => failed({ path: `/data/raw/test/${name}.tif` })));
    await press('/');
    expect((await terminal.screen()).at(-2)).toContain('show failures with /_');
    await press(...'Q1');
    expect((await terminal.screen()).at(-2)).toContain('/Q1_');
    expect(await terminal.text()).toMatch(/Failures {2}3 {2}1 with \/Q1/);
    await press(pressed.enter);
    expect(await terminal.text()).toContain('✗ test/q1.tif');
    expect(await terminal.text()).not.toContain('q3.tif');
    expect(commands.quit).not.toHaveBeenCalled();
    await press(pressed.esc);
    expect(await terminal.text()).toContain('✗ test/q3.tif');
  });

  it('up and down scroll the log that was chosen', async () => {
    const { terminal, send, press } = open(80, 24);
    send([ready()]);
    send(
      Array.from(
        { length: 60 },
        (_, index): PipelineEvent => ({
          type: 'notice',
          level: 'info',
          code: 'N',
          message: `line ${index}.`,
        }),
      ),
    );
    await press(pressed.shiftTab, pressed.enter);
    expect(await terminal.text()).toContain('line 59.');
    await press(pressed.up, pressed.up);
    expect(await terminal.text()).not.toContain('line 58.');
    expect(await terminal.text()).toContain('line 57.');
    expect(await terminal.text()).toContain('61 since start, 2 newer below');
  });

  it('? shows the keys at every size, esc and ? close it', async () => {
    for (const [columns, rows] of sizes) {
      const { terminal, dashboard, send, press } = openDashboard(columns, rows);
      send(busy);
      await press('?');
      expect(await terminal.text()).toContain('Keys');
      expect(await terminal.text()).toMatch(/space +pause or go on/);
      expect(await terminal.text()).not.toContain('Pipeline');
      await press(pressed.esc);
      expect(await terminal.text()).toContain('Pipeline');
      await press('?', '?');
      expect(await terminal.text()).toContain('Pipeline');
      dashboard.unmount();
    }
    const { terminal, press } = open(80, 24);
    await press('?');
    const text = await terminal.text();
    for (const words of ['image Dice', 'batch Dice', 'ctrl-c', '1-7', 'enter', 'logarithmic']) {
      expect(text).toContain(words);
    }
  });

  it('1 to 7 hide and show panels', async () => {
    const { terminal, send, press } = open(80, 50);
    send([...busy, preview('7'), system()]);
    const titles = [
      'Pipeline',
      'Training',
      'What the model sees',
      'Predictions',
      'System',
      'Failures',
      'Log',
    ];
    for (const [index, title] of titles.entries()) {
      await press(String(index + 1));
      expect(await terminal.text()).not.toMatch(new RegExp(`^ ${title} `, 'm'));
      await press(String(index + 1));
      expect(await terminal.text()).toMatch(new RegExp(`^ ${title} `, 'm'));
    }
    await press(...'1234567');
    expect((await terminal.screen()).slice(2, -2).join('').trim()).toBe('');
  });

  it('tab and arrows choose a panel, enter zooms it, esc goes back', async () => {
    const { terminal, send, press } = open(80, 24);
    send(busy);
    await press(pressed.tab);
    expect(await terminal.text()).toContain('▸ Pipeline');
    await press('\u001b[B');
    expect(await terminal.text()).toContain('▸ Training');
    await press('\u001b[Z', '\u001b[A');
    expect(await terminal.text()).toContain('▸ Log');
    await press(pressed.enter);
    expect(await terminal.text()).not.toContain('Pipeline');
    expect(await terminal.text()).toContain('ready: wasm');
    await press(pressed.esc);
    expect(await terminal.text()).toContain('Pipeline');
    await press(pressed.esc);
    expect(await terminal.text()).not.toContain('▸ Log');
  });

  it('y turns the loss axis logarithmic, where it can be', async () => {
    const { terminal, send, press } = open();
    send([ready(), trainStarted(), step(1, 1, { loss: 1 }), step(1, 2, { loss: 0.01 })]);
    await press('y');
    expect(await terminal.text()).toContain('loss (log)');
    send([step(1, 3, { loss: -0.2 })]);
    expect(await terminal.text()).toContain('loss (not above 0)');
    await press('y');
    expect(await terminal.text()).toMatch(/loss {2}── train/);
  });

  it('keys that mean nothing do nothing, and none are read where there is no keyboard', async () => {
    const { terminal, commands, keyboard, press } = open();
    const before = terminal.writes.length;
    await press('x', 'Z', '\u001b[15~', 'é');
    expect(terminal.writes.length).toBe(before);
    expect(keyboard.raw).toBe(true);
    expect(commands.quit).not.toHaveBeenCalled();
    close?.();
    expect(keyboard.raw).toBe(false);
    const piped = open(120, 40, { keyboard: false });
    piped.pass(1);
    expect(await piped.terminal.text()).toContain('starting');
  });
});

describe('colour', () => {
  it("is blue and orange in 256 colours, and the terminal's own where it has 16", async () => {
    for (const [env, code] of [
      [{ TERM: 'xterm-256color' }, '38;5;33'],
      [{ TERM: 'xterm', COLORTERM: 'truecolor' }, '38;5;33'],
      [{ TERM: 'xterm' }, '94'],
      [{ NO_COLOR: '1', FORCE_COLOR: '1' }, '94'],
    ] as const) {
      const { terminal, send, dashboard } = openDashboard(120, 40, { env });
      send(busy);
      expect(await terminal.coloured()).toBe(true);
      expect(terminal.writes.join('')).toMatch(new RegExp(`\\[(1;)?(${code}|1m.{0,4}\\[${code})`));
      dashboard.unmount();
    }
  });

  it('is nowhere with NO_COLOR, and nothing is lost by it', async () => {
    const plain = open(120, 40, { env: { TERM: 'xterm-256color', NO_COLOR: '1' } });
    plain.send(busy);
    expect(await plain.terminal.coloured()).toBe(false);
    const screen = await plain.terminal.screen();
    plain.dashboard.unmount();
    const coloured = open(120, 40);
    coloured.send(busy);
    expect(await coloured.terminal.screen()).toEqual(screen);
  });

  it('with ASCII no sign of ours is beyond it', async () => {
    const { terminal, send, press } = open(120, 40, { ascii: true });
    send([...busy.filter(({ type }) => type !== 'item.failed'), failed()]);
    expect(await terminal.text()).toMatch(/^[\x20-\x7e\n]*$/);
    expect(await terminal.text()).toContain('^ training');
    await press('?');
    expect(await terminal.text()).toMatch(/^[\x20-\x7e\n]*$/);
  });
});

describe('what it costs', () => {
  it('a thousand events a second are at most ten frames', () => {
    const { terminal, events, pass } = open();
    events.next(ready());
    pass(2_000);
    const before = terminal.writes.length;
    for (let index = 0; index < 1_000; index++) {
      events.next(ingested(`1_${index}`));
      pass(1);
    }
    expect(terminal.writes.length - before).toBeLessThanOrEqual(10);
    expect(terminal.writes.length - before).toBeGreaterThan(0);
  });

  it('an unchanged frame is not written, a changed one only where it changed', async () => {
    const { terminal, send, pass, skip } = open();
    send([ready()]);
    skip(2 * 3_600_000);
    const before = terminal.writes.length;
    pass(5_000);
    expect(terminal.writes.length).toBe(before);
    send([{ type: 'paused', paused: true }]);
    const written = terminal.writes.slice(before).join('');
    expect(written).toContain('paused');
    expect(written).not.toContain('Pipeline');
    expect(written.startsWith('\u001b[?2026h')).toBe(true);
  });

  it('a terminal that does not keep up is sent the newest frame when it can take it', async () => {
    const { terminal, send, pass } = open();
    send([ready()]);
    terminal.writableNeedDrain = true;
    const before = terminal.writes.length;
    send([{ type: 'paused', paused: true }]);
    expect(terminal.writes.length).toBe(before);
    terminal.writableNeedDrain = false;
    pass(2_500);
    expect((await terminal.screen())[0]).toContain('paused');
  });
});

describe('the terminal is given back', () => {
  it('on unmount, with a summary where the shell goes on', async () => {
    const { terminal, dashboard, send, keyboard } = open();
    terminal.write('$ nerveflow\r\n');
    expect(await terminal.onAlternateScreen()).toBe(true);
    send([...busy, epoch(2, { best: 0.6 }), predicted('1'), written(12, 9)]);
    dashboard.unmount();
    dashboard.unmount();
    await dashboard.waitUntilExit();
    expect(await terminal.onAlternateScreen()).toBe(false);
    expect(keyboard.raw).toBe(false);
    expect(terminal.writes.join('')).toContain('\u001b[?25h');
    expect(await terminal.text()).toContain(
      [
        'nerveflow ran for 2s',
        '  took in    40 images, 10 of them from the cache, 2 failed',
        '  trained    best validation batch Dice 0.600 at epoch 2',
        '  predicted  1 image',
        '  wrote      /data/store/submission.csv: 12 rows, 9 with a nerve',
      ].join('\n'),
    );
    const after = terminal.writes.length;
    send([ready()]);
    terminal.resizeTo(90, 30);
    expect(terminal.writes.length).toBe(after);
  });

  it('when the events end or fail', async () => {
    const ended = open();
    ended.events.complete();
    await ended.dashboard.waitUntilExit();
    expect(await ended.terminal.onAlternateScreen()).toBe(false);
    const broken = open();
    broken.events.error(new Error('the pipeline broke'));
    await broken.dashboard.waitUntilExit();
    expect(await broken.terminal.onAlternateScreen()).toBe(false);
  });

  it('when the dashboard itself breaks: the program hears of it and can log plainly', async () => {
    const { terminal, dashboard, events, pass } = open();
    events.next({ ...ready(), skipped: undefined } as unknown as PipelineEvent);
    pass(2_000);
    await expect(dashboard.waitUntilExit()).rejects.toThrow();
    expect(await terminal.onAlternateScreen()).toBe(false);
  });

  it('and a terminal that went away breaks nothing', async () => {
    const { terminal, dashboard, send } = open();
    terminal.emit('error', new Error('write EIO'));
    send(busy);
    dashboard.unmount();
    await dashboard.waitUntilExit();
  });
});
