import type { AuditEvent, PipelineEvent } from '../events.js';
import type { Settings } from '../settings/options.js';
import { auditCatalog, unreadableOf } from '../streams/audit/audit.js';
import { takeInOnce } from '../streams/intake/take-in-once.js';
import { auditTable } from '../ui/tables/audit-table.js';
import type { ExitCode } from './exit-code.js';
import { runFlow } from './run-flow.js';

export async function audit(settings: Settings): Promise<ExitCode> {
  let report: AuditEvent | null = null;
  const code = await runFlow(
    // Nobody watches; there is a report to read at the end.
    { ...settings, plain: true },
    { command: 'audit', needsCompute: false, needsRaw: true },
    async ({ store: { catalog, paths }, emit, stopping }) => {
      const failed: PipelineEvent[] = [];
      const take = (event: PipelineEvent) => {
        if (event.type === 'item.failed') failed.push(event);
        emit(event);
      };
      const outcome = await takeInOnce({ settings, catalog, paths }, take, stopping);
      if (outcome === 'interrupted') return outcome;
      report = await auditCatalog(catalog, settings, unreadableOf(failed, catalog));
      emit(report);
      return 'done';
    },
  );
  if (report !== null && !settings.json) process.stdout.write(`\n${auditTable(report)}`);
  return code;
}
