import type { ModelCard } from '../../model/card.js';
import type { Catalog } from '../../store/catalog.js';
import { fingerprintsIn, type TrainedOn } from '../../store/trained-on.js';
import { currentPairs } from './select-pairs.js';

/** At most so many ids are named. */
const mostNamed = 5;

/** How what a model was trained on differs from what there is now; null where all of it is there, unchanged. */
export function differenceOf(card: ModelCard, samples: TrainedOn, catalog: Catalog): string | null {
  const now = currentFingerprints(card, catalog);
  const recorded = Object.entries(fingerprintsIn(samples));
  const gone = recorded.filter(([id]) => !now.has(id)).map(([id]) => id);
  const changed = recorded
    .filter(([id, fingerprint]) => now.has(id) && now.get(id) !== fingerprint)
    .map(([id]) => id);
  if (gone.length === recorded.length) {
    const { height, width } = card.size;
    return `none of its ${recorded.length} pairs is in the cache at ${height}x${width} (nerveflow ingest --size ${height}x${width} takes them in)`;
  }
  const parts = [inWords(changed, 'changed'), inWords(gone, 'gone')].filter(
    (part) => part !== null,
  );
  return parts.length === 0 ? null : parts.join(', ');
}

export function newerPairs(card: ModelCard, samples: TrainedOn, catalog: Catalog): string[] {
  const recorded = fingerprintsIn(samples);
  const newer = [...currentFingerprints(card, catalog).keys()].filter((id) => !(id in recorded));
  const line = inWords(newer, 'newer than the model and not used');
  return line === null ? [] : [line];
}

function inWords(ids: readonly string[], what: string): string | null {
  if (ids.length === 0) return null;
  const more = ids.length > mostNamed ? ', ...' : '';
  const pairs = ids.length === 1 ? '1 pair is' : `${ids.length} pairs are`;
  return `${pairs} ${what} (${ids.slice(0, mostNamed).join(', ')}${more})`;
}

function currentFingerprints({ size }: ModelCard, catalog: Catalog): Map<string, string> {
  return new Map(currentPairs(catalog, size).map(({ id, fingerprint }) => [id, fingerprint]));
}
