import { readFileSync } from 'node:fs';

/** From so many on the whole program was tried; Node's own loader fails below some 120. */
const leastHandles = 200;

/** Why this process may open too few files, and what to do; null where it may not be so, or is not known. */
export function tooFewFileHandles(limits = readLimits()): string | null {
  const handles = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  if (handles === undefined || Number(handles) >= leastHandles) return null;
  return (
    `this process may open ${handles} files, at least ${leastHandles} are needed; ` +
    'allow more with ulimit -n 1024 (under systemd: LimitNOFILE=1024) and start it again'
  );
}

export function isOutOfFileHandles(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE';
}

/** Linux tells; elsewhere the shortage shows when loading fails. */
function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
