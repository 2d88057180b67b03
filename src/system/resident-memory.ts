let last = 0;

/** Bytes of memory that this process holds; the last known where no file handle is left to ask with. */
export function residentMemory(): number {
  try {
    last = process.memoryUsage.rss();
  } catch {
    // EMFILE: on Linux it is read from /proc.
  }
  return last;
}
