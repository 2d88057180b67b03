import type { BackendName, SkippedBackend } from './compute.js';

/**
 * The program can work: store open, backend chosen. The first event, but for `watch`, which takes in
 * files, and may begin a training, while a backend is still being looked for.
 */
export interface ReadyEvent {
  readonly type: 'ready';
  /** null for commands that compute nothing (`ingest`). */
  readonly backend: BackendName | null;
  /** For people, e.g. `AMD EPYC 9B14, 2 threads`. */
  readonly device: string;
  readonly threads: number;
  readonly raw: string;
  readonly store: string;
  readonly version: string;
  readonly skipped: readonly SkippedBackend[];
}

/** Something a person should know that concerns no single item. */
export interface NoticeEvent {
  readonly type: 'notice';
  readonly level: 'info' | 'warning' | 'error';
  /** Stable, e.g. `INOTIFY_LIMIT`, `FILES_IGNORED`. */
  readonly code: string;
  readonly message: string;
}

/** The web page is served. */
export interface WebListeningEvent {
  readonly type: 'web.listening';
  /** To be opened in a browser; with the token in it where that was made at random. */
  readonly url: string;
}

/** Sampled a few times a second while anything moves; counts, never items. */
export interface StagesEvent {
  readonly type: 'stages';
  readonly stages: Readonly<Record<GaugedStage, StageLoad>>;
  /** Files seen under raw/ whose names are not ours. */
  readonly ignored: number;
}

export type GaugedStage = 'settle' | 'ingest' | 'pair' | 'predict';

/** What one stage holds at this moment. */
export interface StageLoad {
  readonly queued: number;
  readonly inFlight: number;
  /** Held back by something outside: still being written, or its partner file is missing. */
  readonly waiting: number;
}

export interface PausedEvent {
  readonly type: 'paused';
  readonly paused: boolean;
}

/** Nothing is left to do until a file changes. Counts are since start. */
export interface CaughtUpEvent {
  readonly type: 'caught-up';
  readonly ingested: number;
  readonly cached: number;
  readonly failed: number;
  readonly predicted: number;
  /** Test images that have no current prediction (no model yet, say). */
  readonly pending: number;
  /** Whether it goes on watching; false where the run ends with this. */
  readonly watching: boolean;
}

export interface StoppedEvent {
  readonly type: 'stopped';
  readonly reason: 'done' | 'interrupted' | 'failed';
}
