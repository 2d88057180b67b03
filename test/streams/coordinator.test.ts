import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TrainingOutcome } from '../../src/streams/cache-to-model.js';
import { waitOf } from '../../src/streams/coordinator/retry-waits.js';
import {
  type Command,
  type FlowEvent,
  type FlowState,
  intakePauses,
  isAllIdle,
  type Mode,
  predictionPauses,
  startState,
} from '../../src/streams/coordinator/state.js';
import { step } from '../../src/streams/coordinator.js';
import { fakeCard } from '../support/fake-compute.js';

const waits = { firstRetryMs: 10, lastRetryMs: 40 };
const modelOf = (modelId: string) => ({
  card: fakeCard({ modelId }),
  folder: `/models/${modelId}`,
});
const health = { state: 'failed', code: 'COMPUTE_DIED', message: 'died' } as const;
const idle = { type: 'all-idle', mayHoldOrphans: false, isPredictionStuck: false } as const;

const intakeIdle: FlowEvent = { type: 'intake', is: 'idle' };
const intakeBusy: FlowEvent = { type: 'intake', is: 'busy' };
const quiet: FlowEvent = { type: 'pairs', are: 'quiet' };
const changed: FlowEvent = { type: 'pairs', are: 'changed' };
const started: FlowEvent = { type: 'training-started' };
const swept: FlowEvent = { type: 'swept' };
const asked = (request: (FlowEvent & { type: 'asked' })['for']): FlowEvent => ({
  type: 'asked',
  for: request,
});
const ended = (outcome: TrainingOutcome): FlowEvent => ({ type: 'training-ended', outcome });
const notDue = ended({ type: 'not-due', why: 'current' });
const failedFor = (isTransient: boolean) =>
  ended({ type: 'failed', code: 'COMPUTE_HUNG', message: 'hung', isTransient });
const found = (modelId: string | null): FlowEvent => ({
  type: 'model-found',
  model: modelId === null ? null : modelOf(modelId),
});
const trained = (modelId: string, isFinal: boolean): FlowEvent => ({
  type: 'model-trained',
  model: modelOf(modelId),
  isFinal,
});
const used = (modelId: string): FlowEvent => ({ type: 'model-used', model: modelOf(modelId) });

/** What the events lead to, and the commands of the last of them. */
function resultOf(
  events: readonly FlowEvent[],
  mode: Mode = 'watch',
  retrain: FlowState['retrain'] = 'auto',
) {
  let state = startState(mode, retrain);
  let commands: readonly Command[] = [];
  for (const event of events) ({ state, commands } = step(state, event, waits));
  return { state, commands: commands.map(inWords) };
}

function inWords(command: Command): string {
  switch (command.do) {
    case 'tell': {
      const { event } = command;
      return event.type === 'notice' ? `tell ${event.code}` : `tell ${event.type}`;
    }
    case 'train':
      return command.isRequested ? 'train, asked' : 'train';
    case 'serve':
      return `serve ${command.model.card.modelId}`;
    case 'wait':
      return `wait ${command.ms} for ${command.for}`;
    case 'end':
      return `end ${command.outcome}`;
    default:
      return command.do;
  }
}

const scanned = [{ type: 'begun' } as const, found(null), intakeIdle];
const watching = [...scanned, notDue];
const done = [...watching, idle, swept];

describe('when it is decided whether to train', () => {
  test.each<[string, FlowEvent[], string[]]>([
    ['when the first scan is through', scanned, ['train']],
    ['not before', [found(null), changed, quiet], []],
    ['by request also during the scan', [found(null), asked('training')], ['train, asked']],
    [
      'and then once more after it',
      [found(null), asked('training'), intakeIdle, notDue],
      ['train'],
    ],
    ['when changed pairs are quiet', [...watching, changed, quiet], ['train']],
    ['not without a change', [...watching, quiet], []],
    ['not while one runs', [...watching, asked('training'), started, changed, quiet], []],
    [
      'again where a person asked meanwhile',
      [...scanned, asked('training'), notDue],
      ['train, asked'],
    ],
    ['not again where that was trained', [...scanned, asked('training'), started, notDue], []],
    ['not once it is stopping', [...watching, changed, asked('stop'), quiet], []],
    [
      'when the wait for another attempt is over',
      [...scanned, started, failedFor(true), { type: 'wait-over', for: 'training' }],
      ['train'],
    ],
  ])('%s', (_, events, commands) => {
    expect(resultOf(events).commands).toEqual(commands);
  });

  test('`never` not even by request', () => {
    expect(resultOf([...watching, asked('training')], 'watch', 'never').commands).toEqual([
      'tell TRAINING_OFF',
    ]);
  });

  test('too few pairs are told only where no model predicts', () => {
    const few = ended({ type: 'not-due', why: 'too-few-pairs' });
    expect(resultOf([...scanned, few]).commands).toEqual(['tell TOO_FEW_PAIRS']);
    expect(resultOf([found('old'), intakeIdle, few]).commands).toEqual([]);
  });
});

test('waits double up to the last', () => {
  const to30 = { firstRetryMs: 5, lastRetryMs: 30 };
  expect([0, 1, 2, 3, 4].map((failures) => waitOf(failures, to30))).toEqual([5, 10, 20, 30, 30]);
});

describe('failed trainings', () => {
  test('are tried again, after waits that double, up to the last, and from the start after progress', () => {
    const failing = [started, failedFor(true)];
    const again = [{ type: 'wait-over', for: 'training' } as const, ...failing];
    const wait = (events: FlowEvent[]) => resultOf(events).commands[1];
    expect(wait([...scanned, ...failing])).toBe('wait 10 for training');
    expect(wait([...scanned, ...failing, ...again])).toBe('wait 20 for training');
    expect(wait([...scanned, ...failing, ...again, ...again, ...again])).toBe(
      'wait 40 for training',
    );
    const progress: FlowEvent = { type: 'progress', of: 'training' };
    expect(wait([...scanned, ...failing, progress, ...again])).toBe('wait 10 for training');
  });

  test('are not where the fault lies in the data, or in a single run, which fails', () => {
    expect(resultOf([...scanned, started, failedFor(false)]).commands).toEqual([]);
    expect(resultOf([...scanned, started, failedFor(true)], 'once').commands).toEqual([]);
    const { commands } = resultOf([...scanned, failedFor(true), idle, swept, idle], 'once');
    expect(commands).toEqual(['end failed']);
  });
});

describe('which model serves', () => {
  test.each<[string, FlowEvent[], Mode, string[]]>([
    [
      'the one from before, from the start',
      [found('old')],
      'watch',
      ['tell model.serving', 'serve old', 'begin-intake'],
    ],
    [
      'the best so far of a first training',
      [...scanned, started, trained('a', false)],
      'watch',
      ['tell model.serving', 'serve a'],
    ],
    [
      'not that of a later one',
      [found('old'), intakeIdle, started, trained('a', false)],
      'watch',
      [],
    ],
    ['nor in a single run', [...scanned, started, trained('a', false)], 'once', []],
    [
      'the final one always',
      [found('old'), intakeIdle, started, trained('a', true)],
      'watch',
      ['tell model.serving', 'serve a'],
    ],
    [
      'the one that a person has chosen, also while one is trained',
      [found('old'), intakeIdle, started, used('older')],
      'watch',
      ['tell model.serving', 'serve older'],
    ],
    ['but not once it is stopping', [found('old'), asked('stop'), used('older')], 'watch', []],
    [
      'another one in place of one that cannot be read',
      [
        found('old'),
        { type: 'model-unreadable', folder: '/models/old', why: 'damaged' },
        found('older'),
      ],
      'watch',
      ['tell model.serving', 'serve older'],
    ],
    [
      'where none is left one is trained',
      [
        found('old'),
        intakeIdle,
        notDue,
        { type: 'model-unreadable', folder: '/models/old', why: 'damaged' },
        found(null),
      ],
      'watch',
      ['train'],
    ],
  ])('%s', (_, events, mode, commands) => {
    expect(resultOf(events, mode).commands).toEqual(commands);
  });
});

describe('pauses', () => {
  test.each<[string, FlowEvent[], Mode, string[], string[]]>([
    [
      'without a model nothing is predicted before the first decision',
      scanned,
      'watch',
      [],
      ['training'],
    ],
    ['with one it is', [found('old')], 'watch', [], []],
    ['in a single run not before it', [found('old')], 'once', [], ['training']],
    ['after it nothing waits', watching, 'watch', [], []],
    ['a person pauses the intake alone', [...done, asked('pause')], 'watch', ['person'], []],
    ['and resumes it', [...done, asked('pause'), asked('resume')], 'watch', [], []],
    ['nothing is taken in while pixels are swept', [...watching, idle], 'watch', ['sweep'], []],
    [
      'nothing is predicted while compute is away',
      [...done, { type: 'compute', health }],
      'watch',
      [],
      ['compute'],
    ],
    [
      'but where a person asks',
      [...done, { type: 'compute', health }, asked('prediction')],
      'watch',
      [],
      [],
    ],
    ['stopping pauses both', [...done, asked('stop')], 'watch', ['stopping'], ['stopping']],
  ])('%s', (_, events, mode, intake, prediction) => {
    const { state } = resultOf(events, mode);
    expect(intakePauses(state)).toEqual(intake);
    expect(predictionPauses(state)).toEqual(prediction);
  });
});

describe('when all is idle', () => {
  test('it is told, once a burst; the first time leftovers are swept after it', () => {
    expect(resultOf([...watching, idle]).commands).toEqual(['tell-caught-up', 'sweep']);
    expect(resultOf([...done, idle]).commands).toEqual([]);
    expect(resultOf([...done, intakeBusy, intakeIdle, idle]).commands).toEqual(['tell-caught-up']);
  });

  test('pixels of files that went are swept before it, and once where that fails', () => {
    const orphans = { ...idle, mayHoldOrphans: true };
    const burst = [...done, intakeBusy, intakeIdle, orphans];
    expect(resultOf(burst).commands).toEqual(['sweep']);
    expect(resultOf([...burst, swept, orphans]).commands).toEqual(['tell-caught-up']);
  });

  test('a single run ends: done, or failed where something is stuck', () => {
    expect(resultOf([...done, idle], 'once').commands).toEqual(['end done']);
    expect(resultOf([...done, { ...idle, isPredictionStuck: true }], 'once').commands).toEqual([
      'end failed',
    ]);
  });
});

describe('stopping', () => {
  test('interrupts, and ends when the last of what was in hand is done', () => {
    const stop = [...scanned, started, { type: 'prediction', is: 'busy' } as const, asked('stop')];
    expect(resultOf(stop).commands).toEqual(['interrupt-training', 'empty-intake']);
    const parts: FlowEvent[] = [
      ended({ type: 'interrupted' }),
      { type: 'prediction', is: 'idle' },
      { type: 'intake-emptied' },
    ];
    for (const last of parts) {
      const others = parts.filter((part) => part !== last);
      expect(resultOf([...stop, ...others]).commands).not.toContain('end stopped');
      expect(resultOf([...stop, ...others, last]).commands).toEqual(['end stopped']);
    }
  });
});

/** Whatever happens, in whichever order: a world that answers commands, in random order. */
test('in every history one training runs at most, and asking to stop ends it', () => {
  const happening = fc.constantFrom<FlowEvent>(
    intakeBusy,
    intakeIdle,
    changed,
    quiet,
    started,
    notDue,
    failedFor(true),
    failedFor(false),
    trained('a', false),
    trained('b', true),
    found('c'),
    used('d'),
    found(null),
    swept,
    asked('training'),
    asked('prediction'),
    asked('pause'),
    asked('resume'),
    { type: 'compute', health },
    { type: 'wait-over', for: 'training' },
    { type: 'wait-over', for: 'compute' },
    { type: 'prediction', is: 'busy' },
    { type: 'prediction', is: 'idle' },
    { type: 'model-unreadable', folder: '/models/a', why: 'damaged' },
  );
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (history) => {
      let state = startState('watch', 'auto');
      let inTraining = false;
      for (const event of history) {
        // What is not in hand cannot end.
        const isOfTraining = event.type === 'training-started' || event.type === 'training-ended';
        if (isOfTraining && !inTraining) continue;
        if (event.type === 'training-ended') inTraining = false;
        const next = step(state, event, waits);
        for (const command of next.commands) {
          if (command.do !== 'train') continue;
          expect(inTraining).toBe(false);
          inTraining = true;
        }
        state = next.state;
        expect(isAllIdle(state) && inTraining).toBe(false);
      }
      const last: FlowEvent[] = [
        asked('stop'),
        ...(inTraining ? [ended({ type: 'interrupted' })] : []),
        { type: 'intake-emptied' },
        { type: 'prediction', is: 'idle' },
      ];
      const ends = last.flatMap((event) => {
        const next = step(state, event, waits);
        state = next.state;
        return next.commands.filter((command) => command.do === 'end');
      });
      expect(ends.at(-1)).toEqual({ do: 'end', outcome: 'stopped' });
    }),
  );
});
