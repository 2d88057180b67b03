import { type MonoTypeOperatorFunction, type Subject, tap } from 'rxjs';
import type { Layout } from '../../layout/file-role.js';
import type { FileOutcome } from './file-in-hand.js';
import { itemAt } from './item.js';
import { type FolderSignal, pathChanged } from './path-changed.js';

/** Labels that wait for their images, since only those tell how large they are. */
export class AwaitedSizes {
  private readonly fileOf = new Map<string, string>();

  /** All that a file of labels waits for. */
  set(file: string, ids: readonly string[]): void {
    for (const [id, other] of this.fileOf) if (other === file) this.fileOf.delete(id);
    for (const id of ids) this.fileOf.set(id, file);
  }

  /** Has the file of labels read again when one of its images has come. */
  retried(layout: Layout, retry$: Subject<FolderSignal>): MonoTypeOperatorFunction<FileOutcome> {
    return tap(({ type, path }) => {
      if (type !== 'ready' || this.fileOf.size === 0) return;
      const item = itemAt(layout, path);
      const file = item?.half === 'image' ? this.fileOf.get(item.id) : undefined;
      if (file === undefined) return;
      this.set(file, []);
      retry$.next(pathChanged(file));
    });
  }
}
