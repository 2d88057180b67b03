import { resolve } from 'node:path';
import type { PipelineEvent } from '../../events.js';
import { loadFormat } from '../../exports/all-formats.js';
import type { FormatName } from '../../exports/format-names.js';
import { fingerprintOfExport, writeExport } from '../../exports/write-export.js';
import { fail, type Result } from '../../operators/result.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import type { ModelRegistry, SavedModel } from '../../store/model-registry.js';
import { asAskedFor, servedModel, servingKey } from '../prediction/served-model.js';
import { type CatalogExport, exportOfCatalog } from './export-source.js';

export interface ExportContext {
  readonly catalog: Catalog;
  readonly registry: Pick<ModelRegistry, 'current'>;
  readonly settings: Settings;
  readonly emit: (event: PipelineEvent) => void;
  readonly stopping?: AbortSignal;
}

export interface ExportTask {
  readonly formats: readonly FormatName[];
  readonly to: string;
  /** What an export that stands was made from is not written again. */
  readonly onlyIfChanged: boolean;
}

/**
 * Writes formats one after the other, each whole; a failure is told and the next one goes on.
 * @returns how many failed
 */
export async function writeExports(
  { catalog, registry, settings, emit, stopping }: ExportContext,
  { formats, to, onlyIfChanged }: ExportTask,
): Promise<number> {
  const current = await registry.current();
  const model = current.status === 'found' ? asAskedFor(current.value, settings) : null;
  const made = await exportOfCatalog(catalog, settings, model, stopping);
  let failed = 0;
  for (const name of formats) {
    const started = performance.now();
    const path = resolve(to, name);
    const written = await writeOne(name, made, resolve(to), onlyIfChanged);
    if (stopping?.aborted) break;
    if (written === null) continue;
    if (written.ok) {
      const ms = Math.round(performance.now() - started);
      emit({ type: 'export.written', format: name, path, ...written.value, ms });
    } else {
      failed++;
      emit({ type: 'export.failed', format: name, path, ...written.failure });
    }
  }
  return failed;
}

/** Null where it stands already. */
async function writeOne(
  name: FormatName,
  { source, fingerprint, hasImages, leftOut }: CatalogExport,
  to: string,
  onlyIfChanged: boolean,
): Promise<Result<{ images: number; leftOut: CatalogExport['leftOut'] }> | null> {
  const format = await loadFormat[name]();
  const isOfModel = format.of === 'model';
  if (isOfModel && source.model === null) {
    return fail('NO_MODEL', 'the store has no model; run nerveflow train first');
  }
  if (!isOfModel && !hasImages) {
    const message =
      'the store has neither predictions nor training pairs of this --size; run nerveflow watch or predict first';
    return fail('NOTHING_TO_EXPORT', message);
  }
  const madeFrom = isOfModel ? madeFromModel(source.model!) : fingerprint;
  if (onlyIfChanged && (await fingerprintOfExport(to, name)) === madeFrom) return null;
  return await writeExport(format, source, to, madeFrom, isOfModel ? [] : leftOut);
}

function madeFromModel(model: SavedModel): string {
  return servingKey(servedModel(model, { postProcessing: null }));
}
