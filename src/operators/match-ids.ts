export interface MatchedIds {
  /** From a wanted id to the one that answers it. */
  readonly answers: ReadonlyMap<string, string>;
  /** Those that are not the same letter by letter, in the order of the found ones. */
  readonly taken: readonly { readonly found: string; readonly wanted: string }[];
}

/** What two ids must agree in. */
export interface IdForm {
  readonly ofWanted: (id: string) => string;
  readonly ofFound: (id: string) => string;
}

/** Without folder, extension and leading zeros: `test/001.tif` is `1`. */
export function plainId(id: string): string {
  return id
    .replace(/^.*[\\/]/, '')
    .replace(/\.[a-z][a-z0-9]{1,4}(\.gz)?$/i, '')
    .replace(/(?<!\d)0+(?=\d)/g, '');
}

/** `2` of `1_2`. */
export function withoutSubject(id: string): string {
  return plainId(id).replace(/^.*_/, '');
}

/**
 * Which found id stands for which wanted one: the same, or else one that agrees with it in one of
 * these forms, the first that decides, and with no other.
 */
export function matchIds(
  wanted: readonly string[],
  found: readonly string[],
  forms: readonly IdForm[],
): MatchedIds {
  const known = new Set(wanted);
  const same = found.filter((id) => known.has(id));
  const answers = new Map(same.map((id) => [id, id]));
  const used = new Set(same);
  const taken: { found: string; wanted: string }[] = [];
  for (const { ofWanted, ofFound } of forms) {
    const wantedBy = onlyOnes(wanted, ofWanted);
    const foundBy = onlyOnes(found, ofFound);
    for (const [form, id] of foundBy) {
      const other = wantedBy.get(form);
      if (other === undefined || used.has(id) || answers.has(other)) continue;
      answers.set(other, id);
      used.add(id);
      taken.push({ found: id, wanted: other });
    }
  }
  return { answers, taken };
}

/** By form; without the forms that several ids share. */
function onlyOnes(ids: readonly string[], formOf: (id: string) => string): Map<string, string> {
  const byForm = new Map<string, string>();
  const shared = new Set<string>();
  for (const id of ids) {
    const form = formOf(id);
    if (byForm.has(form)) shared.add(form);
    byForm.set(form, id);
  }
  for (const form of shared) byForm.delete(form);
  return byForm;
}
