import { type MonoTypeOperatorFunction, type Subject, tap } from 'rxjs';
import { type GreyRange, isSameRange, rangeOfAll } from '../../formats/grey-values.js';
import type { ReadingSettings } from '../../formats/reading-settings.js';
import type { Layout } from '../../layout/file-role.js';
import type { FileTable } from '../../store/file-table.js';
import { partOf } from '../../store/part-path.js';
import type { FileRecord, SubjectRange } from '../../store/records.js';
import type { FileOutcome } from './file-in-hand.js';
import { type FolderSignal, pathChanged } from './path-changed.js';

/** A file, or a part of one, whose values are not of 8 bits. */
interface Member {
  readonly group: string;
  readonly range: SubjectRange;
}

/** Of one subject, by what their own values need: of those there are few. */
type Group = Map<string, { readonly own: GreyRange; readonly paths: Set<string> }>;

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
    private readonly files: FileTable,
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
    const others = [...group.values()].filter(({ paths }) => hasPathOfOther(paths, file));
    return rangeOfAll([own, ...others.map((other) => other.own)], this.depth);
  }

  /** Whether a file, or a part of it, was read by another range than that of its subject now. */
  isStale(file: string): boolean {
    if (this.members.size === 0) return false;
    return [file, ...this.files.partsOf(file)].some((path) => this.isStalePart(path));
  }

  /** Follows what comes and goes; has files read again whose subject's range has changed. */
  retried(retry$: Subject<FolderSignal>): MonoTypeOperatorFunction<FileOutcome> {
    return tap((outcome) => {
      for (const file of this.staleAfter(outcome)) retry$.next(pathChanged(file));
    });
  }

  private staleAfter(outcome: FileOutcome): Iterable<string> {
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

  /** Files to be read again. */
  private changed(path: string, record: FileRecord | null): Iterable<string> {
    const before = this.members.get(path);
    if (before === undefined && record?.range === undefined) return [];
    const groups = new Map<string, GreyRange | null>();
    if (before !== undefined) groups.set(before.group, this.rangeOf(before.group));
    this.forget(path);
    const group = record === null ? null : this.keep(record);
    if (group !== null && !groups.has(group)) groups.set(group, null);
    const stale = new Set<string>();
    if (this.isStalePart(path)) stale.add(partOf(path).file);
    for (const [each, range] of groups) {
      const now = this.rangeOf(each);
      if (now === null || (range !== null && isSameRange(now, range))) continue;
      for (const { paths } of this.groups.get(each)!.values()) {
        for (const other of paths) if (this.isStalePart(other)) stale.add(partOf(other).file);
      }
    }
    return stale;
  }

  private isStalePart(path: string): boolean {
    const member = this.members.get(path);
    if (member === undefined) return false;
    return !isSameRange(member.range.taken, this.rangeOf(member.group)!);
  }

  private rangeOf(group: string): GreyRange | null {
    const all = [...(this.groups.get(group)?.values() ?? [])];
    return all.length === 0
      ? null
      : rangeOfAll(
          all.map(({ own }) => own),
          this.depth,
        );
  }

  /** Its group; null where it is in none. */
  private keep({ path, patient, range }: FileRecord): string | null {
    const group = range === undefined ? null : this.groupOf({ path, patient }, range.own);
    if (group === null) return null;
    this.members.set(path, { group, range: range! });
    const others = this.groups.get(group) ?? new Map();
    this.groups.set(group, others);
    const key = textOf(range!.own);
    const alike = others.get(key) ?? { own: range!.own, paths: new Set() };
    others.set(key, alike);
    alike.paths.add(path);
    return group;
  }

  private forget(path: string): void {
    const member = this.members.get(path);
    if (member === undefined) return;
    this.members.delete(path);
    const group = this.groups.get(member.group)!;
    const key = textOf(member.range.own);
    const { paths } = group.get(key)!;
    paths.delete(path);
    if (paths.size === 0) group.delete(key);
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

function hasPathOfOther(paths: Iterable<string>, file: string): boolean {
  for (const path of paths) if (partOf(path).file !== file) return true;
  return false;
}
