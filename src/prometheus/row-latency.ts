import type { PipelineEvent } from '../events.js';

/** More images than this under way at once are not all followed: memory stays bounded. */
const mostFollowed = 10_000;

/**
 * How long new and changed test images take from the first look at the settled file to their row
 * in submission.csv.
 */
export class RowLatency {
  /** When each image's file was first looked at. */
  private readonly begun = new Map<string, number>();
  private readonly awaitingRow: number[] = [];

  constructor(private readonly observe: (ms: number) => void) {}

  add(event: PipelineEvent, nowMs: number): void {
    switch (event.type) {
      case 'item.ingested':
        if (event.split !== 'test' || event.reason === 'cached') return;
        if (this.begun.size < mostFollowed) this.begun.set(event.id, nowMs - event.ms);
        return;
      case 'item.removed':
        if (event.split === 'test') this.begun.delete(event.id);
        return;
      case 'item.predicted': {
        const at = this.begun.get(event.id);
        if (at === undefined) return;
        this.begun.delete(event.id);
        if (this.awaitingRow.length < mostFollowed) this.awaitingRow.push(at);
        return;
      }
      // The last row of a burst may be there already, with no need to write.
      case 'caught-up':
      case 'submission.written':
        for (const at of this.awaitingRow.splice(0)) this.observe(nowMs - at);
        return;
      default:
        return;
    }
  }
}
