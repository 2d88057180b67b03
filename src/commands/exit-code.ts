/** What the process tells who started it. */
export const exitCode = {
  done: 0,
  failed: 1,
  badUsage: 2,
  storeHeld: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
