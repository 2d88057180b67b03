import { attach } from '../attach/attachment.js';
import { socketPathOf } from '../attach/socket-path.js';

/** What a program that works on the store says of itself. */
export interface RunningProgram {
  readonly pid: number;
  readonly command: string;
  /** Of submission.csv, as it last wrote it; null before. */
  readonly rows: number | null;
  /** Test images without a current prediction, when it last had caught up; null before. */
  readonly pending: number | null;
  readonly failures: number;
}

/** It answers at once or is not well. */
const patienceMs = 2000;

/** Null where nobody answers, or a program of another version. */
export async function askRunningProgram(
  store: string,
  version: string,
): Promise<RunningProgram | null> {
  const attaching = attach(socketPathOf(store), version);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), patienceMs);
  });
  const attachment = await Promise.race([attaching.catch(() => null), late]);
  clearTimeout(timer);
  if (attachment === null) {
    void attaching.then((another) => another.close()).catch(() => {});
    return null;
  }
  attachment.close();
  const { pid, command, state } = attachment.hello;
  return {
    pid,
    command,
    rows: state.submission?.rows ?? null,
    pending: state.pending,
    failures: state.failures.total,
  };
}
