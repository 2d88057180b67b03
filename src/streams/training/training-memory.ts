import type { KnownContradictions } from './clean-labels.js';

/** What one training leaves for those after it, as long as the program runs. */
export class TrainingMemory {
  readonly contradictions: KnownContradictions = new Map();
  /** Fingerprint of the data that a training failed on, which is not tried again by itself. */
  private failedData: string | null = null;

  hasFailedOn(dataFingerprint: string): boolean {
    return this.failedData === dataFingerprint;
  }

  failedOn(dataFingerprint: string): void {
    this.failedData = dataFingerprint;
  }

  succeeded(): void {
    this.failedData = null;
  }
}
