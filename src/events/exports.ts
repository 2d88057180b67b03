/** Images, or parts of a model, that an export does not hold. */
export interface LeftOut {
  readonly code: string;
  /** One sentence for people. */
  readonly reason: string;
  readonly count: number;
  /** A few of them: ids or paths. */
  readonly examples: readonly string[];
}

/** What `export` writes, or keeps current while the program runs. */
export type ExportEvent =
  | {
      readonly type: 'export.written';
      readonly format: string;
      /** Its folder. */
      readonly path: string;
      /** Images in it; 0 of a model. */
      readonly images: number;
      readonly leftOut: readonly LeftOut[];
      readonly ms: number;
    }
  | {
      /** What was there before stays. */
      readonly type: 'export.failed';
      readonly format: string;
      readonly path: string;
      readonly code: string;
      readonly message: string;
    };
