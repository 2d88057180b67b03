import type { AuditEvent, PipelineEvent } from '../events.js';
import { auditCatalog, unreadableOf } from '../streams/audit/audit.js';
import { takeInOnce } from '../streams/intake/take-in-once.js';
import { auditTable } from '../ui/tables/audit-table.js';
import { type Command, folderKeys } from './command.js';
import { runFlow } from './run-flow.js';

export const audit: Command = {
  name: 'audit',
  summary:
    'look for wrong labels and leaks in raw/: contradictions, duplicates, outliers; no model needed',
  details:
    'Takes in what is new, then prints what it found and what to do. Changes nothing under raw/.\nThe last event but one of --json, audit.done, has all of it.',
  options: [...folderKeys, 'size', 'folds', 'threads', 'settle', 'json'],
  async run(settings) {
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
  },
};
