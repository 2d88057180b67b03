import { join } from 'node:path';
import type { NoticeEvent, Split } from '../../events.js';
import type { Layout } from '../../layout/file-role.js';
import type { FileOutcome } from './file-in-hand.js';
import { topFolderOf } from './image-folders.js';

/** Folders that are out of reach: nobody deleted their files, a disk or a share went away. */
export class MissingFolders {
  private readonly missing = new Set<string>();

  constructor(private readonly raw: string) {}

  /** Only Kaggle's layout tells by the split in which folder a sample's files are. */
  isReachable(split: Split, { idsTellAll }: Layout): boolean {
    if (!idsTellAll) return this.missing.size === 0;
    return !this.missing.has(join(this.raw, split));
  }

  /** What a file says of its folder, where that is news. */
  accept(outcome: FileOutcome): NoticeEvent | null {
    switch (outcome.type) {
      case 'unreachable':
        return this.lose(outcome.folder);
      case 'ready':
      case 'gone':
        return this.missing.size === 0
          ? null
          : this.find(join(this.raw, topFolderOf(outcome.path)));
      default:
        return null;
    }
  }

  private lose(folder: string): NoticeEvent | null {
    if (this.missing.has(folder)) return null;
    this.missing.add(folder);
    const message = `${folder} is not there; what is known of its files is kept until it comes back`;
    return { type: 'notice', level: 'error', code: 'FOLDER_MISSING', message };
  }

  private find(folder: string): NoticeEvent | null {
    if (!this.missing.delete(folder)) return null;
    return { type: 'notice', level: 'info', code: 'FOLDER_BACK', message: `${folder} is back` };
  }
}
