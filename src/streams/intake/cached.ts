import { map, type OperatorFunction } from 'rxjs';
import type { Layout } from '../../layout/file-role.js';
import type { ResizedImage } from '../../operators/source-image.js';
import type { CacheWrite } from '../../store/cache-writes.js';
import type { Catalog } from '../../store/catalog.js';
import type { FileTable } from '../../store/file-table.js';
import { pixelKey } from '../../store/pixel-keys.js';
import { type FileRecord, isSameStamp } from '../../store/records.js';
import { type FileInHand, type FileOutcome, type FileReady, halfOf } from './file-in-hand.js';
import { type Stage, stage } from './stage.js';
import type { SubjectGreys } from './subject-greys.js';

/** The catalog, and the settings' part in its keys. */
export interface PixelStore {
  readonly catalog: Catalog;
  readonly preprocessing: string;
  readonly layout: Pick<Layout, 'roleOf' | 'name' | 'patterns'>;
}

/** A file of the size and times that it had is done with, unless its subject's grey has changed: nothing is read. */
export function unlessUnchanged(
  store: PixelStore,
  greys: Pick<SubjectGreys, 'isStale'>,
): Stage<null, null> {
  return map((file) => {
    if (file.type !== 'in-hand') return file;
    const known = store.catalog.files.get(file.path);
    const isUnchanged =
      known?.preprocessing === settingsOf(file.path, store) &&
      isSameStamp(known, file.stamp) &&
      isReadAsLaidOut(known, store);
    return isUnchanged && !greys.isStale(file.path) ? ready(file, known) : file;
  });
}

/** Those that a file's record is good for: of labels the layout too, which tells whose they are. */
export function settingsOf(path: string, { preprocessing, layout }: PixelStore): string {
  const isLabels = layout.roleOf(path).kind === 'labels';
  return isLabels ? `${preprocessing} by ${layout.patterns ?? layout.name}` : preprocessing;
}

/** Whether a file was read as what the layout says it is now. */
export function isReadAsLaidOut(
  record: FileRecord,
  { catalog: { files }, layout }: PixelStore,
): boolean {
  const [part] = record.kind === 'parts' ? files.partsOf(record.path) : [];
  const { kind } = (part && files.get(part)) || record;
  // Of version 0.1, and of a file without any part, it says nothing.
  if (kind === undefined || kind === 'parts') return true;
  const role = layout.roleOf(record.path);
  return role.kind === 'foreign' || halfOf(role) === kind;
}

/** A file that is as it was, after the parts that it has. */
export function readyWithParts(record: FileRecord, files: FileTable): FileReady[] {
  const parts = files.partsOf(record.path).flatMap((path) => files.get(path) ?? []);
  return [...parts, record].map((each) => ({
    type: 'ready',
    path: each.path,
    record: each,
    ms: 0,
  }));
}

/** One that was only touched or renamed is done with: pixels of these bytes are in the cache. */
export function unlessCached<A>(store: PixelStore): Stage<A, A> {
  return stage(async (file) => {
    const [pixels] = await store.catalog.cache.readPixels([keyOf(file, store)]);
    return pixels === undefined ? file : await keep(file, pixels, [], store);
  });
}

/** Writes a file's pixels, and what is known of the file. */
export function cached(
  store: PixelStore,
): OperatorFunction<FileInHand<ResizedImage> | FileOutcome, FileOutcome> {
  return stage<ResizedImage, never>(async (file) => {
    const pixels: CacheWrite = { put: 'pixels', key: keyOf(file, store), record: file.content };
    return await keep(file, file.content, [pixels], store);
  }) as OperatorFunction<FileInHand<ResizedImage> | FileOutcome, FileOutcome>;
}

async function keep(
  file: FileInHand<unknown>,
  { originalHeight: height, originalWidth: width, remarks = {} }: ResizedImage,
  pixels: readonly CacheWrite[],
  { catalog, preprocessing }: PixelStore,
): Promise<FileReady> {
  const { path, stamp, sha256 } = file;
  const { doubts: before = [], ...notes } = file.notes;
  const content = { kind: halfOf(file), sha256, height, width, preprocessing };
  const { grey } = remarks;
  const all = [...before, ...(remarks.doubts ?? [])];
  const said = { ...(grey && { grey }), ...(all.length > 0 && { doubts: all }) };
  const record: FileRecord = { path, ...stamp, ...content, ...notes, ...said };
  await catalog.commit([...pixels, { put: 'file', record }]);
  return { ...ready(file, record), doubts: all };
}

function ready({ path, started }: FileInHand<unknown>, record: FileRecord): FileReady {
  return { type: 'ready', path, record, ms: performance.now() - started };
}

function keyOf(file: FileInHand<unknown>, { preprocessing }: PixelStore): string {
  return pixelKey(file.sha256, halfOf(file), preprocessing);
}
