import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { NoticeEvent } from '../../events.js';
import type { Doubt } from '../../labels/doubt.js';
import type { FileOutcome } from './file-in-hand.js';

/** So many files are named. */
const examples = 3;

/** What may be wrong with masks that were taken, kept until all that came together has been read. */
export class Doubts {
  private readonly byCode = new Map<
    string,
    { readonly message: string; readonly paths: string[] }
  >();

  collect(): MonoTypeOperatorFunction<FileOutcome> {
    return tap((outcome) => {
      if (outcome.type !== 'ready') return;
      for (const doubt of outcome.doubts ?? []) this.add(doubt, outcome.path);
    });
  }

  /** One notice for each kind of doubt, with examples; then none until there are new ones. */
  take(): NoticeEvent[] {
    const notices = [...this.byCode].map(([code, { message, paths }]): NoticeEvent => {
      const named = paths.slice(0, examples).join(', ');
      const more = paths.length > examples ? ` and ${paths.length - examples} more` : '';
      const end = code.startsWith('MASK')
        ? ' It was taken; nerveflow audit lists all of them.'
        : '';
      const says = `${named}${more}: ${message}.${end}`;
      return { type: 'notice', level: 'warning', code, message: says };
    });
    this.byCode.clear();
    return notices;
  }

  private add({ code, message }: Doubt, path: string): void {
    const known = this.byCode.get(code);
    if (known) known.paths.push(path);
    else this.byCode.set(code, { message, paths: [path] });
  }
}
