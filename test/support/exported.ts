import type { EventOf } from '../../src/events.js';
import type { FormatName } from '../../src/exports/format-names.js';
import type { Settings } from '../../src/settings/options.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { writeExports } from '../../src/streams/exports/write-exports.js';
import type { RawFolder } from './raw-folder.js';
import { withStore } from './store-in.js';
import { testSettings } from './test-settings.js';

export type ExportOutcome = EventOf<'export.written' | 'export.failed'>;

/** What `nerveflow export` tells of a folder's store. */
export async function exported(
  folder: RawFolder,
  formats: readonly FormatName[],
  to: string,
  flags: Partial<Record<keyof Settings, unknown>> = {},
): Promise<ExportOutcome[]> {
  const events: ExportOutcome[] = [];
  await withStore(folder, async ({ catalog, paths }) => {
    const settings = testSettings(folder, flags);
    const registry = new ModelRegistry(paths.models);
    const emit = (event: unknown) => events.push(event as ExportOutcome);
    const context = { catalog, registry, settings, emit };
    await writeExports(context, { formats, to, onlyIfChanged: false });
  });
  return events;
}
