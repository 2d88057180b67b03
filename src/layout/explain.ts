import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareNaturally } from '../operators/natural-order.js';
import { isTable, type Layout } from './file-role.js';
import { foldersIn } from './folders-in.js';
import { builtInLayouts } from './layouts.js';

/** Counts of files with a few of their paths. */
export interface FileCount {
  readonly count: number;
  readonly examples: readonly string[];
}

/** What a layout makes of a folder, by the names alone. */
export interface LayoutReport {
  readonly layout: string;
  /** Images with a mask: to train on. */
  readonly pairs: FileCount;
  readonly predicted: FileCount;
  readonly masksWithoutImage: FileCount;
  readonly imagesWithoutMask: FileCount;
  readonly labels: FileCount;
  /** Files of which another stands for the same. */
  readonly duplicates: FileCount;
  readonly ignored: FileCount;
  /** Ignored files by how their names end. */
  readonly ignoredEndings: Readonly<Record<string, number>>;
  readonly subjects: number;
}

const mostExamples = 3;
/** Paths of all files below a folder, with slashes; hidden ones are left out. */
export async function filesBelow(raw: string): Promise<string[]> {
  const found: string[] = [];
  const look = async (folder: string): Promise<void> => {
    const here = join(raw, folder);
    const entries = await readdir(here, { withFileTypes: true }).catch(() => []);
    const visible = entries.filter(({ name }) => !name.startsWith('.'));
    const pathOf = (name: string) => (folder === '' ? name : `${folder}/${name}`);
    for (const entry of visible) {
      const isLink = entry.isSymbolicLink();
      const counts = entry.isFile() || (isLink && (await leadsToFile(join(here, entry.name))));
      if (counts) found.push(pathOf(entry.name));
    }
    for (const name of await foldersIn(here, visible)) await look(pathOf(name));
  };
  await look('');
  return found.sort(compareNaturally);
}

async function leadsToFile(link: string): Promise<boolean> {
  return await stat(link).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** What each file would be. A mask of one frame, `7#12`, is one of the image `7`. */
export function explain(layout: Layout, paths: readonly string[]): LayoutReport {
  const images = new Map<string, { path: string; split: string; subject: string }>();
  const masks = new Map<string, string>();
  const [labels, duplicates, ignored]: string[][] = [[], [], []];
  const endings: Record<string, number> = {};
  for (const path of paths) {
    if (isTable(layout, path)) continue;
    const role = layout.roleOf(path);
    switch (role.kind) {
      case 'image':
        if (images.has(role.id)) duplicates!.push(path);
        else images.set(role.id, { path, split: role.split, subject: role.subject });
        break;
      case 'mask':
        if (masks.has(role.id)) duplicates!.push(path);
        else masks.set(role.id, path);
        break;
      case 'labels':
        labels!.push(path);
        break;
      case 'foreign': {
        ignored!.push(path);
        const ending = /\.[^./]*$/.exec(path)?.[0].toLowerCase() ?? 'none';
        endings[ending] = (endings[ending] ?? 0) + 1;
      }
    }
  }
  const imageOf = (id: string) => images.get(id) ?? images.get(id.replace(/#\d+$/, ''));
  const masked = new Set([...masks.keys()].map(imageOf));
  const all = [...images];
  const paired = all.filter(([, image]) => image.split !== 'test' && masked.has(image));
  const alone = all.filter(([, image]) => image.split === 'train' && !masked.has(image));
  const predicted = all.filter(
    ([, image]) => image.split === 'test' || (image.split === 'either' && !masked.has(image)),
  );
  const lonely = [...masks].filter(([id]) => (imageOf(id)?.split ?? 'test') === 'test');
  const ofImages = (some: typeof all) => counted(some.map(([, { path }]) => path));
  return {
    layout: layout.name,
    pairs: ofImages(paired),
    predicted: ofImages(predicted),
    imagesWithoutMask: ofImages(alone),
    masksWithoutImage: counted(lonely.map(([, path]) => path)),
    labels: counted(labels!),
    duplicates: counted(duplicates!),
    ignored: counted(ignored!),
    ignoredEndings: endings,
    subjects: new Set(paired.map(([, { subject }]) => subject)).size,
  };
}

/** The built-in layout that explains most of a folder: first of all pairs, then images. */
export function bestLayout(paths: readonly string[]): LayoutReport {
  const reports = builtInLayouts.map((layout) => explain(layout, paths));
  const worth = ({ pairs, predicted, imagesWithoutMask }: LayoutReport) =>
    3 * pairs.count + predicted.count + imagesWithoutMask.count;
  return reports.reduce((best, other) => (worth(other) > worth(best) ? other : best));
}

/** Whether a layout finds nothing to take in. */
export function findsNothing({
  pairs,
  predicted,
  imagesWithoutMask,
  labels,
}: LayoutReport): boolean {
  return pairs.count + predicted.count + imagesWithoutMask.count + labels.count === 0;
}

/**
 * What is to be said where files are there and none of them counts: null where there are none, or
 * some do.
 */
export function nothingRecognised(layout: Layout, paths: readonly string[]): string | null {
  const report = explain(layout, paths);
  if (paths.length === 0 || !findsNothing(report)) return null;
  const best = bestLayout(paths);
  const such = report.ignored.examples.join(', ');
  const advice = findsNothing(best)
    ? 'none of the built-in layouts fits; nerveflow layout tells more, and docs/guides/your-own-data.md how to write one of your own'
    : `--layout ${best.layout} would take in ${count(best.pairs, 'pair')} and predict ${count(best.predicted, 'image')}; nerveflow layout shows it`;
  const of =
    paths.length === 1
      ? 'The one file there does not count'
      : `None of the ${paths.length} files there counts`;
  return `${of} by the layout ${layout.name} (${such}${paths.length > mostExamples ? ', ...' : ''}): ${advice}.`;
}

function count({ count: files }: FileCount, what: string): string {
  return `${files} ${what}${files === 1 ? '' : 's'}`;
}

function counted(paths: readonly string[]): FileCount {
  return { count: paths.length, examples: paths.slice(0, mostExamples) };
}
