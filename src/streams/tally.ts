import type { CaughtUpEvent, PipelineEvent } from '../events.js';

/** What has happened since the start, for `caught-up` and for exit codes. */
export class Tally {
  ingested = 0;
  cached = 0;
  failed = 0;
  predicted = 0;
  /** Whether anything happened since `settle()`. */
  private hasNews = true;

  add(event: PipelineEvent): void {
    switch (event.type) {
      case 'item.ingested':
        if (event.reason === 'cached') this.cached++;
        else this.ingested++;
        break;
      case 'item.failed':
        this.failed++;
        break;
      case 'item.predicted':
        this.predicted++;
        break;
      case 'item.removed':
      case 'submission.written':
      case 'measurements.written':
      case 'train.done':
      case 'train.failed':
      case 'train.interrupted':
        break;
      default:
        return;
    }
    this.hasNews = true;
  }

  caughtUp(pending: number, watching: boolean): CaughtUpEvent {
    const { ingested, cached, failed, predicted } = this;
    return { type: 'caught-up', ingested, cached, failed, predicted, pending, watching };
  }

  /** True once after something happened. */
  takeNews(): boolean {
    const hadNews = this.hasNews;
    this.hasNews = false;
    return hadNews;
  }
}
