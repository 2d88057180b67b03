import { AttachFailure } from '../attach/attachment.js';
import { ComputeFailure } from '../compute/compute.js';
import { UsageError } from '../settings/read-settings.js';
import { StoreFailure } from '../store/open-store.js';
import { type ExitCode, exitCode } from './exit-code.js';

/** One line for people, and the exit code, for whatever may be expected to stop a command. */
export function explainFailure(error: unknown): { line: string; code: ExitCode } | null {
  if (error instanceof UsageError) return { line: error.message, code: exitCode.badUsage };
  if (error instanceof StoreFailure) {
    const isHeld = error.code === 'STORE_HELD';
    return { line: error.message, code: isHeld ? exitCode.storeHeld : exitCode.failed };
  }
  if (error instanceof AttachFailure) return { line: error.message, code: exitCode.failed };
  if (error instanceof ComputeFailure) {
    const isSetting = error.code === 'BACKEND_UNUSABLE';
    return { line: error.message, code: isSetting ? exitCode.badUsage : exitCode.failed };
  }
  return null;
}
