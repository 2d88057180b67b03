import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isCheckpointName } from '../store/checkpoints.js';
import { readMembers } from '../store/ensemble-folder.js';
import { interruptedEnsemble } from '../store/ensemble-training.js';
import { keptModels } from '../store/kept-models.js';
import { isModelName, readCard } from '../store/model-folder.js';
import { readPointer, removePointer } from '../store/model-pointers.js';
import { ModelRegistry } from '../store/model-registry.js';
import { readRejected } from '../store/rejected-model.js';
import { describe } from '../store/whole-folder.js';
import { checkCheckpoints } from './check-checkpoints.js';
import type { MendableFinding } from './finding.js';
import { unusedFolders } from './unused-folders.js';

export interface ModelsLook {
  readonly models: number;
  readonly checkpoints: number;
  /** Id of the current model. */
  readonly best: string | null;
  /** Trainings of the current model, of those that can be resumed, and of the last that was not better. */
  readonly runIds: ReadonlySet<string>;
  readonly findings: readonly MendableFinding[];
}

/** Whether the models that something points to can be read, checksums included, and who else lies there. */
export async function checkModels(folder: string): Promise<ModelsLook> {
  const names = await readdir(folder).catch(() => []);
  const models = names.filter(isModelName);
  const checkpoints = names.filter(isCheckpointName);
  const best = await lookAtBest(folder, models);
  const latest = await checkCheckpoints(folder, checkpoints);
  const findings = [...best.findings, ...latest.findings];

  const kept = await keptModels(folder);
  const unused: string[] = [];
  for (const name of models) {
    if (kept.has(name) || best.needed.has(name) || latest.neededModels.has(name)) continue;
    const card = await readCard(join(folder, name));
    // Models of a training that will go on: its best may be among them.
    if (card.status === 'found' && card.value.runId === latest.runId) continue;
    unused.push(name);
  }
  findings.push(...unusedFolders('MODEL_UNUSED', folder, unused, 'model'));
  const rejected = await readRejected(folder);
  const ensemble = await interruptedEnsemble(folder);
  const runIds = [best.runId, latest.runId, rejected?.runId ?? null, ensemble].filter(
    (id) => id !== null,
  );
  return {
    models: models.length,
    checkpoints: checkpoints.length,
    best: best.modelId,
    runIds: new Set(runIds),
    findings,
  };
}

interface BestLook {
  readonly modelId: string | null;
  readonly runId: string | null;
  /** Folders that the pointer needs. */
  readonly needed: ReadonlySet<string>;
  readonly findings: readonly MendableFinding[];
}

async function lookAtBest(folder: string, models: readonly string[]): Promise<BestLook> {
  const pointer = await readPointer(folder, 'best');
  if (pointer.status === 'missing') {
    return { modelId: null, runId: null, needed: new Set(), findings: [] };
  }
  const target = pointer.status === 'found' ? pointer.value.folder : null;
  const previous = pointer.status === 'found' ? pointer.value.previous : null;
  const model = target === null ? pointer : await readMembers(target);
  if (model.status === 'found' && 'card' in model.value) {
    const { modelId, runId } = model.value.card;
    const needed = new Set([target, previous].flatMap((path) => (path ? [basename(path)] : [])));
    return { modelId, runId, needed, findings: [] };
  }
  const others = models.filter((name) => name !== (target && basename(target)));
  const substitute = await newestReadable(folder, previous && basename(previous), others);
  const what = describe(model);
  const then = substitute === null ? 'a model is trained anew' : `${substitute.name} can predict`;
  return {
    modelId: substitute?.modelId ?? null,
    runId: substitute?.runId ?? null,
    needed: new Set([
      ...(target ? [basename(target)] : []),
      ...(substitute ? [substitute.name] : []),
    ]),
    findings: [
      {
        code: 'MODEL_UNREADABLE',
        level: 'wrong',
        count: 1,
        message: `the current model cannot be read: ${what}; ${then}`,
        async mend() {
          await removePointer(folder, 'best');
          if (target !== null) await rm(target, { recursive: true, force: true });
          if (substitute !== null) {
            await new ModelRegistry(folder).promote({ folder: substitute.name });
          }
        },
      },
    ],
  };
}

interface Substitute {
  readonly name: string;
  readonly modelId: string;
  readonly runId: string;
}

/** The model before, else the newest of all that can be read. */
async function newestReadable(
  folder: string,
  previous: string | null,
  names: readonly string[],
): Promise<Substitute | null> {
  const readable: (Substitute & { createdAt: string })[] = [];
  for (const name of names) {
    const model = await readMembers(join(folder, name));
    if (model.status !== 'found') continue;
    const { modelId, runId, createdAt } = model.value.card;
    const found = { name, modelId, runId, createdAt };
    if (name === previous) return found;
    readable.push(found);
  }
  return readable.sort((a, b) => b.createdAt.localeCompare(a.createdAt))[0] ?? null;
}
