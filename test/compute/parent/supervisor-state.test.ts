import { describe, expect, it } from 'vitest';
import type { SelectedBackend } from '../../../src/compute/backends/select-backend.js';
import {
  initialState,
  processOf,
  type SupervisorEvent,
  type SupervisorState,
  transition,
} from '../../../src/compute/parent/supervisor-state.js';

const process = { name: 'a process' } as unknown as SelectedBackend;
const error = new Error('no backend');

const events: readonly SupervisorEvent[] = [
  { type: 'wanted' },
  { type: 'started', process },
  { type: 'unusable', error },
  { type: 'achieved' },
  { type: 'silent', ms: 11_000 },
  { type: 'died' },
  { type: 'waited' },
  { type: 'given-up', error },
  { type: 'closed' },
];

const states: readonly SupervisorState[] = [
  { state: 'stopped', deaths: 2, why: error },
  { state: 'starting', deaths: 2, before: process },
  { state: 'running', deaths: 2, process },
  { state: 'hung', deaths: 2, process, silentMs: 11_000 },
  { state: 'waiting', deaths: 2, before: process },
  { state: 'closing', process },
];

/** Where each event leads; what is not named changes nothing. */
const table: Record<SupervisorState['state'], Partial<Record<SupervisorEvent['type'], object>>> = {
  stopped: { wanted: { state: 'starting', deaths: 2, before: null } },
  starting: {
    started: { state: 'running', deaths: 2, process },
    unusable: { state: 'stopped', deaths: 2, why: error },
  },
  running: {
    achieved: { state: 'running', deaths: 0, process },
    silent: { state: 'hung', deaths: 2, process, silentMs: 11_000 },
    died: { state: 'waiting', deaths: 3, before: process },
  },
  hung: { died: { state: 'waiting', deaths: 3, before: process } },
  waiting: {
    waited: { state: 'starting', deaths: 2, before: process },
    'given-up': { state: 'stopped', deaths: 2, why: error },
  },
  closing: { died: { state: 'closing', process: null } },
};

describe("the supervisor's states", () => {
  for (const state of states) {
    for (const event of events) {
      const expected =
        event.type === 'closed'
          ? { state: 'closing', process: processOf(state) }
          : (table[state.state][event.type] ?? state);
      it(`${state.state}, ${event.type}`, () => {
        expect(transition(state, event)).toEqual(expected);
      });
    }
  }

  it('begin without a process', () => {
    expect(processOf(initialState)).toBeNull();
  });
});
