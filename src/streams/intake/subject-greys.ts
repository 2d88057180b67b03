import { type MonoTypeOperatorFunction, type Subject, tap } from 'rxjs';
import { type GreyRange, isSameRange, rangeOfAll } from '../../formats/grey-values.js';
import type { ReadingSettings } from '../../formats/reading-settings.js';
import type { Layout } from '../../layout/file-role.js';
import type { FileTable } from '../../store/file-table.js';
import { partOf } from '../../store/part-path.js';
import type { FileRecord } from '../../store/records.js';
import type { FileOutcome } from './file-in-hand.js';
import { type FolderSignal, pathChanged } from './path-changed.js';

/** A file whose values are not of 8 bits. */
interface Member {
  readonly group: string;
  /** What its own values need. */
  readonly own: GreyRange;
  /** By which range it, or each of its parts, was read: by their paths. */
  readonly taken: Map<string, GreyRange>;
}

/** Files of one subject, by what their own values need: of those there are few. */
type Group = Map<string, { readonly own: GreyRange; readonly files: Set<string> }>;

interface Image {
  readonly path: string;
  readonly patient?: string | undefined;
}

/**
 * One rule of grey for all files of a subject: what is black and what is white is the smallest range
 * that holds what each of them needs. A file that was read by another is read again, so that it
 * makes no difference in which order files come and go. Whole numbers and floating point are two
 * things. Where nobody knows the subject, each file stands by itself. Files of 8 bits, and those
 * with a window, are none of it.
 */
export class SubjectGreys {
  private readonly members = new Map<string, Member>();
  private readonly groups = new Map<string, Group>();

  /** @param files those that the store knows, whether they are still there or not */
  constructor(
    private readonly layout: Layout,
    private readonly depth: ReadingSettings['depth'],
    files: FileTable,
    preprocessing: string,
  ) {
    for (const record of files.withRanges()) {
      if (record.preprocessing === preprocessing) this.keep(record);
    }
  }

  /** What is black and what is white in an image whose own values need so much. */
  rangeFor(image: Image, own: GreyRange): GreyRange {
    const key = this.groupOf(image, own);
    const group = key === null ? undefined : this.groups.get(key);
    if (group === undefined) return own;
    // What the file needed before it changed does not count.
    const { file } = partOf(image.path);
    const others = [...group.values()].filter(({ files }) => files.size > +files.has(file));
    return rangeOfAll([own, ...others.map((other) => other.own)], this.depth);
  }

  /** Whether a file, or a part of it, was read by another range than that of its subject now. */
  isStale(file: string): boolean {
    const member = this.members.get(file);
    if (member === undefined) return false;
    const range = this.rangeOf(member.group)!;
    return [...member.taken.values()].some((taken) => !isSameRange(taken, range));
  }

  /** Follows what comes and goes; has files read again whose subject's range has changed. */
  retried(retry$: Subject<FolderSignal>): MonoTypeOperatorFunction<FileOutcome> {
    return tap((outcome) => {
      for (const file of this.staleAfter(outcome)) retry$.next(pathChanged(file));
    });
  }

  private staleAfter(outcome: FileOutcome): readonly string[] {
    switch (outcome.type) {
      case 'ready':
        return this.changed(outcome.path, outcome.record);
      case 'gone':
        return this.changed(outcome.path, null);
      case 'failed':
        return outcome.seen === null ? [] : this.changed(outcome.path, null);
      case 'incomplete':
      case 'restless':
      case 'unreachable':
        return [];
    }
  }

  private changed(path: string, record: FileRecord | null): readonly string[] {
    const { file } = partOf(path);
    const group = this.members.get(file)?.group ?? null;
    if (group === null && record?.range === undefined) return [];
    const range = group === null ? null : this.rangeOf(group);
    if (record?.range === undefined) this.forget(path);
    else this.keep(record);
    const now = this.members.get(file);
    const groups = new Set([group, now?.group ?? null]);
    const others = [...groups].flatMap((each) => {
      const isAsBefore = each === group && isSameOrNone(range, this.rangeOf(each));
      return isAsBefore ? [] : this.staleOf(each).filter((other) => other !== file);
    });
    // Of a file in hand, the parts that are still to come are not waited for here.
    const taken = now?.taken.get(path);
    const isStale = taken !== undefined && !isSameRange(taken, this.rangeOf(now!.group)!);
    return isStale ? [...others, file] : others;
  }

  private staleOf(group: string | null): string[] {
    const all = group === null ? undefined : this.groups.get(group);
    const files = [...(all?.values() ?? [])].flatMap((alike) => [...alike.files]);
    return files.filter((file) => this.isStale(file));
  }

  private rangeOf(group: string | null): GreyRange | null {
    const all = group === null ? undefined : this.groups.get(group);
    if (all === undefined) return null;
    return rangeOfAll(
      [...all.values()].map(({ own }) => own),
      this.depth,
    );
  }

  private keep({ path, patient, range }: FileRecord): void {
    const { file } = partOf(path);
    const { own, taken } = range!;
    const group = this.groupOf({ path, patient }, own);
    const before = this.members.get(file);
    if (before?.group === group && isSameRange(before.own, own)) {
      before.taken.set(path, taken);
      return;
    }
    // It is another file now, whatever is still known of its other parts.
    this.leave(file);
    if (group === null) return;
    this.members.set(file, { group, own, taken: new Map(before?.taken).set(path, taken) });
    const all: Group = this.groups.get(group) ?? new Map();
    this.groups.set(group, all);
    const alike = all.get(textOf(own)) ?? { own, files: new Set() };
    all.set(textOf(own), alike);
    alike.files.add(file);
  }

  private forget(path: string): void {
    const { file } = partOf(path);
    const member = this.members.get(file)!;
    member.taken.delete(path);
    if (member.taken.size === 0) this.leave(file);
  }

  private leave(file: string): void {
    const member = this.members.get(file);
    if (member === undefined) return;
    this.members.delete(file);
    const group = this.groups.get(member.group)!;
    const key = textOf(member.own);
    const { files } = group.get(key)!;
    files.delete(file);
    if (files.size === 0) group.delete(key);
    if (group.size === 0) this.groups.delete(member.group);
  }

  /** Null where nobody knows the subject. */
  private groupOf({ path, patient }: Image, { type }: GreyRange): string | null {
    const role = this.layout.roleOf(partOf(path).file);
    if (role.kind !== 'image') return null;
    // Of an image to predict a name often tells no subject: then its id stands for one.
    const isNamed = role.split !== 'test' || role.subject !== role.id;
    const { idsTellAll = false, namesSubjects = false } = this.layout;
    const doesNameCount = isNamed && (idsTellAll || namesSubjects || patient === undefined);
    if (doesNameCount) return `${type} name ${role.subject}`;
    return patient === undefined ? null : `${type} patient ${patient}`;
  }
}

function textOf({ least, most }: GreyRange): string {
  return `${least} ${most}`;
}

function isSameOrNone(a: GreyRange | null, b: GreyRange | null): boolean {
  return a === null || b === null ? a === b : isSameRange(a, b);
}
