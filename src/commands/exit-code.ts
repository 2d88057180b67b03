/** What the process tells who started it. */
export const exitCode = {
  done: 0,
  failed: 1,
  badUsage: 2,
  storeHeld: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** `--strict`: what is done has failed all the same where an item did. */
export function strictExitCode(code: ExitCode, isStrict: boolean, failedItems: number): ExitCode {
  return isStrict && code === exitCode.done && failedItems > 0 ? exitCode.failed : code;
}
