import type { SelectedBackend } from '../backends/select-backend.js';
import type { FromCompute } from '../protocol.js';

/**
 * The life of the compute process.
 *
 * ```
 *   ┌─────────┐            ┌──────────┐             ┌─────────┐            ┌──────┐
 *   │         ├── WANTED ──► starting ├── STARTED ──► running ├── SILENT ──► hung │
 *   │         │            └──▲───┬───┘             └────┬────┘            └──┬───┘
 *   │ stopped ◄── UNUSABLE ───│───╯                    DIED                 DIED
 *   │         │             WAITED                       │                    │
 *   │         │            ┌──┴──────┐                   │                    │
 *   │         ◄─ GIVEN_UP ─┤ waiting ◄───────────────────┴────────────────────╯
 *   └─────────┘            └─────────┘
 *
 *   each of them ── CLOSED ──► closing, where nothing is started any more
 * ```
 *
 * `deaths` are those in a row, since the process last achieved anything.
 */
export type SupervisorState =
  | { readonly state: 'stopped'; readonly deaths: number; readonly why: unknown }
  | {
      readonly state: 'starting';
      readonly deaths: number;
      readonly before: SelectedBackend | null;
    }
  | { readonly state: 'running'; readonly deaths: number; readonly process: SelectedBackend }
  /** It was killed for its silence; its exit has not been told yet. */
  | {
      readonly state: 'hung';
      readonly deaths: number;
      readonly process: SelectedBackend;
      readonly silentMs: number;
    }
  | { readonly state: 'waiting'; readonly deaths: number; readonly before: SelectedBackend }
  /** What it has in hand may still be finished. */
  | { readonly state: 'closing'; readonly process: SelectedBackend | null };

export type SupervisorEvent =
  | { readonly type: 'wanted' }
  | { readonly type: 'started'; readonly process: SelectedBackend }
  | { readonly type: 'unusable'; readonly error: unknown }
  | { readonly type: 'achieved' }
  | { readonly type: 'silent'; readonly ms: number }
  | { readonly type: 'died' }
  | { readonly type: 'waited' }
  | { readonly type: 'given-up'; readonly error: unknown }
  | { readonly type: 'closed' };

/** Deaths in a row that a training, a request, or a program that asks nothing live through. */
export const deathsSurvived = 3;

export const initialState: SupervisorState = { state: 'stopped', deaths: 0, why: null };

/** The state after an event; the same object where the event means nothing to it. */
export function transition(state: SupervisorState, event: SupervisorEvent): SupervisorState {
  if (event.type === 'closed') return { state: 'closing', process: processOf(state) };
  switch (state.state) {
    case 'stopped':
      if (event.type !== 'wanted') return state;
      return { state: 'starting', deaths: state.deaths, before: null };
    case 'starting':
      switch (event.type) {
        case 'started':
          return { state: 'running', deaths: state.deaths, process: event.process };
        case 'unusable':
          return { state: 'stopped', deaths: state.deaths, why: event.error };
        default:
          return state;
      }
    case 'running':
      switch (event.type) {
        case 'achieved':
          return state.deaths === 0 ? state : { ...state, deaths: 0 };
        case 'silent':
          return { ...state, state: 'hung', silentMs: event.ms };
        case 'died':
          return { state: 'waiting', deaths: state.deaths + 1, before: state.process };
        default:
          return state;
      }
    case 'hung':
      if (event.type !== 'died') return state;
      return { state: 'waiting', deaths: state.deaths + 1, before: state.process };
    case 'waiting':
      switch (event.type) {
        case 'waited':
          return { state: 'starting', deaths: state.deaths, before: state.before };
        case 'given-up':
          return { state: 'stopped', deaths: state.deaths, why: event.error };
        default:
          return state;
      }
    case 'closing':
      return event.type === 'died' ? { state: 'closing', process: null } : state;
  }
}

/** The process that is there and is listened to, if any. */
export function processOf(state: SupervisorState): SelectedBackend | null {
  switch (state.state) {
    case 'running':
    case 'hung':
    case 'closing':
      return state.process;
    case 'stopped':
    case 'starting':
    case 'waiting':
      return null;
  }
}

/** Whether the process got somewhere: its next death is the first in a row. */
export function isAchievement(message: FromCompute): boolean {
  return (
    message.type === 'answer' || (message.type === 'report' && message.report.type === 'epoch')
  );
}
