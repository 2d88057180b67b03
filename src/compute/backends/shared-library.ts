/**
 * What the system's loader says against a shared library; null where it loads. Loading a library that
 * is no Node module always throws; what it says tells whether it was there.
 */
export function libraryProblem(name: string): string | null {
  try {
    process.dlopen({ exports: {} }, name);
    return null;
  } catch (error) {
    const { message } = error as Error;
    return /did not self-register/.test(message) ? null : message;
  }
}
