import { readdir } from 'node:fs/promises';
import type { ModelRequest } from '../events.js';
import type { Settings } from '../settings/options.js';
import { UsageError } from '../settings/read-settings.js';
import { findModel } from '../store/find-model.js';
import { listModels } from '../store/list-models.js';
import { StoreFailure } from '../store/open-store.js';
import { storePaths } from '../store/store-paths.js';
import { changedSentence } from '../ui/log/model-sentences.js';
import { type ExitCode, exitCode } from './exit-code.js';
import { changeOneModel } from './models/change.js';
import { listText } from './models/list-text.js';
import { factsOf } from './models/model-facts.js';
import { detailsOf, showText } from './models/show.js';

/** What is typed after `models`. */
export type ModelVerb = 'list' | 'show' | ModelRequest['verb'];

export async function models(settings: Settings, words: readonly string[]): Promise<ExitCode> {
  const [verb = 'list', id] = words as [ModelVerb?, string?];
  await checkReadable(settings.store);
  if (verb === 'list') {
    if (id !== undefined) throw new UsageError(`models list takes no id; models show ${id} does`);
    return await list(settings);
  }
  if (!id) throw new UsageError(`models ${verb} takes an id; nerveflow models lists them`);
  const { models: folder } = storePaths(settings.store);
  const found = await findModel(folder, id);
  if (!found.ok) throw new UsageError(`models ${verb}: ${found.failure.message}`);
  return verb === 'show'
    ? await show(settings, found.value)
    : await change(settings, { verb, model: found.value });
}

/** What cannot be read would look as if it were not there. */
async function checkReadable(store: string): Promise<void> {
  try {
    await readdir(storePaths(store).models);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw new StoreFailure('STORE_UNUSABLE', `${store} cannot be read: ${message}`);
  }
}

async function list({ store, json }: Settings): Promise<ExitCode> {
  const stored = (await listModels(storePaths(store).models)).map(factsOf);
  const current = stored.find(({ isCurrent }) => isCurrent)?.modelId ?? null;
  write(json ? JSON.stringify({ current, models: stored }) : listText(store, stored));
  return exitCode.done;
}

async function show({ store, json }: Settings, folder: string): Promise<ExitCode> {
  const { models: modelsFolder } = storePaths(store);
  const model = (await listModels(modelsFolder)).find((each) => each.folder === folder);
  if (model === undefined) throw new UsageError(`models show: ${folder} has just gone`);
  const details = await detailsOf(model, modelsFolder, store);
  write(json ? JSON.stringify(details) : showText(details));
  return exitCode.done;
}

async function change({ store, json }: Settings, request: ModelRequest): Promise<ExitCode> {
  const { result, isFollowed } = await changeOneModel(store, request);
  if (!result.ok) {
    process.stderr.write(`nerveflow: ${result.failure.message}\n`);
    return exitCode.failed;
  }
  const event = result.value;
  const isToFollow = event.type === 'model.used' && !isFollowed;
  const then = isToFollow ? '; predictions follow with the next nerveflow predict or watch' : '';
  write(json ? JSON.stringify(event) : `${changedSentence(event).text}${then}`);
  return exitCode.done;
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
