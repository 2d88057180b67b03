import { type FormatName, formatNames } from '../exports/format-names.js';
import type { Settings } from '../settings/options.js';
import { ModelRegistry } from '../store/model-registry.js';
import { StoreFailure } from '../store/open-store.js';
import { writeExports } from '../streams/exports/write-exports.js';
import type { ExitCode } from './exit-code.js';
import { runFlow } from './run-flow.js';

/** Writes formats that other programs read, from the store. */
export async function exportStore(settings: Settings, words: readonly string[]): Promise<ExitCode> {
  const formats = words.includes('all') ? formatNames : ([...new Set(words)] as FormatName[]);
  try {
    return await runFlow(
      // Nobody watches: it is done when it is written.
      { ...settings, plain: true },
      { command: 'export', needsCompute: false, needsRaw: false },
      async ({ store: { catalog, paths }, emit, stopping }) => {
        const registry = new ModelRegistry(paths.models);
        const to = settings.to ?? settings.exportTo;
        const context = { catalog, registry, settings, emit, stopping };
        const failed = await writeExports(context, { formats, to, onlyIfChanged: false });
        if (stopping.aborted) return 'interrupted';
        return failed > 0 ? 'failed' : 'done';
      },
    );
  } catch (error) {
    if (!(error instanceof StoreFailure) || error.code !== 'STORE_HELD') throw error;
    const hint = `"export": ${JSON.stringify(formats)} in nerveflow.config.json, or --export, keeps formats current while it runs`;
    throw new StoreFailure(error.code, `${error.message}; ${hint}`);
  }
}
