import { z } from 'zod';
import type { ModelChangedEvent, ModelRequest, PipelineEvent } from '../events.js';
import type { Result } from '../operators/result.js';
import type { ControlRequest } from '../ui/controls.js';
import type { DashboardState } from '../ui/state/dashboard-state.js';

/** What a program tells its viewers: one JSON value a line, `hello` first. */
export type ToViewer = Hello | { readonly type: 'event'; readonly event: PipelineEvent } | Reply;

/** Everything there is to know so far: whoever comes late sees what the others see. */
export interface Hello {
  readonly type: 'hello';
  readonly version: string;
  readonly pid: number;
  readonly command: string;
  readonly state: DashboardState;
}

/** What became of a request, for whoever asked alone. */
export interface Reply {
  readonly type: 'reply';
  /** The request's. */
  readonly id: number;
  readonly answer: ModelAnswer;
}

export type ModelAnswer = Result<ModelChangedEvent>;

/** Unlike what keys ask for, it is answered. */
export interface ModelsRequest extends ModelRequest {
  readonly type: 'models';
  readonly id: number;
}

/** What a viewer may ask; the program takes nothing else from the socket. */
export const viewerRequestSchema: z.ZodType<ControlRequest | ModelsRequest> = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('pause'), paused: z.boolean() }),
    z.object({ type: z.literal('train') }),
    z.object({ type: z.literal('predict-again') }),
    z.object({ type: z.literal('retry-failed') }),
    z.object({
      type: z.literal('models'),
      id: z.number(),
      verb: z.enum(['use', 'keep', 'unkeep', 'remove']),
      model: z.string(),
    }),
  ],
);

/** What comes in pieces, as whole lines. */
export class LineSplitter {
  private rest = '';

  constructor(private readonly onLine: (line: string) => void) {}

  /** Characters of a line that has not ended yet. */
  get held(): number {
    return this.rest.length;
  }

  add(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') this.onLine(line);
  }
}
