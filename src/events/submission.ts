export interface SubmissionWrittenEvent {
  readonly type: 'submission.written';
  readonly path: string;
  readonly rows: number;
  readonly nonEmpty: number;
}

/** The file of an earlier run still says what is current: told once, after the start. */
export interface SubmissionUnchangedEvent {
  readonly type: 'submission.unchanged';
  readonly path: string;
  readonly rows: number;
  readonly nonEmpty: number;
  /** When it was written, ISO 8601. */
  readonly writtenAt: string;
}

export interface MeasurementsWrittenEvent {
  readonly type: 'measurements.written';
  readonly path: string;
  readonly rows: number;
}
