/** A path under raw/ may have changed. What is there now is for whoever acts on it to look up. */
export interface PathHint {
  /** Relative to raw/, with forward slashes. */
  readonly path: string;
  /** How often it has been found incomplete; the wait grows with it. */
  readonly attempt: number;
}

export type FolderSignal =
  | { readonly type: 'hint'; readonly hint: PathHint }
  /** A path went away, as the watcher says; whether it did is found out like for any hint. */
  | { readonly type: 'unlinked'; readonly path: string }
  /** Every file that was there at the start has been hinted at. */
  | { readonly type: 'scanned' }
  | { readonly type: 'trouble'; readonly code: string; readonly message: string };

export function hintAt(path: string, attempt = 0): FolderSignal {
  return { type: 'hint', hint: { path, attempt } };
}
