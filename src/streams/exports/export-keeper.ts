import type { EventOf, PipelineEvent } from '../../events.js';
import { type ExportContext, writeExports } from './write-exports.js';

/** What is no failure while there is nothing yet. */
const notYet: ReadonlySet<string> = new Set(['NOTHING_TO_EXPORT', 'NO_MODEL']);

/**
 * Keeps the formats of `--export` current: those whose content may have changed are written again, one after
 * the other. What is asked for meanwhile is done once, afterwards.
 */
export class ExportKeeper {
  private isWanted = false;
  private working: Promise<void> | null = null;
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

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.working;
  }

  private async work(): Promise<void> {
    const { export: formats, exportTo: to } = this.context.settings;
    while (this.isWanted && !this.context.stopping?.aborted) {
      this.isWanted = false;
      const context = { ...this.context, emit: (event: PipelineEvent) => this.tell(event) };
      try {
        await writeExports(context, { formats, to, onlyIfChanged: true });
      } catch (error) {
        const { message } = error as Error;
        const format = formats.join(', ');
        this.tell({ type: 'export.failed', format, path: to, code: 'EXPORT_FAILED', message });
      }
    }
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
