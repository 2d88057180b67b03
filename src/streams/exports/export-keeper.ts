import { setTimeout } from 'node:timers/promises';
import type { EventOf, PipelineEvent } from '../../events.js';
import { type ExportContext, writeExports } from './write-exports.js';

/** Large exports are written more seldom: it would do little else. */
const restAfterWriting = 10;

/** What is no failure while there is nothing yet. */
const notYet: ReadonlySet<string> = new Set(['NOTHING_TO_EXPORT', 'NO_MODEL']);

/**
 * Keeps the formats of `--export` current: those whose content may have changed are written again, one after
 * the other. What is asked for meanwhile is done once, afterwards.
 */
export class ExportKeeper {
  private isWanted = false;
  private working: Promise<void> | null = null;
  /** Aborted: what is wanted is written at once. */
  private readonly hurry = new AbortController();
  /** Code of the failure told last, by format. */
  private readonly told = new Map<string, string>();

  constructor(private readonly context: ExportContext) {}

  bringUpToDate(): void {
    if (this.context.settings.export.length === 0) return;
    this.isWanted = true;
    this.working ??= this.work().finally(() => {
      this.working = null;
    });
  }

  /** At the end: writes what is wanted at once, and resolves when nothing is being written. */
  async settled(): Promise<void> {
    this.hurry.abort();
    await this.working;
  }

  private async work(): Promise<void> {
    const { export: formats, exportTo: to } = this.context.settings;
    while (this.isWanted && !this.context.stopping?.aborted) {
      this.isWanted = false;
      const started = performance.now();
      const context = { ...this.context, emit: (event: PipelineEvent) => this.tell(event) };
      try {
        await writeExports(context, { formats, to, onlyIfChanged: true });
      } catch (error) {
        const { message } = error as Error;
        const format = formats.join(', ');
        this.tell({ type: 'export.failed', format, path: to, code: 'EXPORT_FAILED', message });
      }
      await this.rest(restAfterWriting * (performance.now() - started));
    }
  }

  private async rest(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.hurry.signal }).catch(() => {});
  }

  private tell(event: PipelineEvent): void {
    if (event.type === 'export.written') this.told.delete(event.format);
    if (event.type === 'export.failed' && !this.isNews(event)) return;
    this.context.emit(event);
  }

  private isNews({ format, code }: EventOf<'export.failed'>): boolean {
    const isNews = !notYet.has(code) && this.told.get(format) !== code;
    this.told.set(format, code);
    return isNews;
  }
}
