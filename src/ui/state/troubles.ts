import { isStoreRefusal } from '../../events/predicates.js';
import type { EventOf, PipelineEvent } from '../../events.js';

/** Something keeps the program from its work until it ends or somebody helps. */
export interface Trouble {
  readonly kind: 'compute' | 'store' | 'folder' | 'layout' | 'training';
  readonly what: string;
  /** What to do about it, or what it does itself. */
  readonly remedy: string;
}

/** What weighs most first; of each kind the newest. */
export type Troubles = Readonly<Partial<Record<Trouble['kind'], Trouble>>>;

export const noTroubles: Troubles = {};

const byWeight: readonly Trouble['kind'][] = ['store', 'compute', 'folder', 'layout', 'training'];

export function gravest(troubles: Troubles): Trouble | null {
  const kind = byWeight.find((candidate) => troubles[candidate] !== undefined);
  return (kind && troubles[kind]) ?? null;
}

/** Folds one event in: a trouble lasts until something happens that could not, were it still there. */
export function foldTroubles(troubles: Troubles, event: PipelineEvent): Troubles {
  switch (event.type) {
    case 'compute':
      return computeTrouble(troubles, event);
    case 'item.failed':
      return isStoreRefusal(event) ? { ...troubles, store: storeTrouble(event) } : troubles;
    case 'item.ingested':
      return without(event.reason === 'cached' ? troubles : without(troubles, 'store'), 'layout');
    case 'item.predicted':
    case 'submission.written':
    case 'measurements.written':
      return without(troubles, 'store');
    case 'notice':
      return noticeTrouble(troubles, event);
    case 'train.started':
      return without(troubles, 'training');
    case 'train.done':
      return without(without(troubles, 'training'), 'store');
    case 'train.failed':
      return {
        ...troubles,
        training: {
          kind: 'training',
          what: `training failed: ${event.message}`,
          remedy: 't trains again; until then the model of before predicts, if there is one',
        },
      };
    default:
      return troubles;
  }
}

function computeTrouble(troubles: Troubles, { state, message }: EventOf<'compute'>): Troubles {
  switch (state) {
    case 'starting':
      return troubles;
    case 'ready':
      return without(troubles, 'compute');
    case 'restarting':
      return {
        ...troubles,
        compute: {
          kind: 'compute',
          what: message,
          remedy: 'the compute process restarts by itself and goes on where it was',
        },
      };
    case 'failed':
      return {
        ...troubles,
        compute: {
          kind: 'compute',
          what: `compute given up: ${message}`,
          remedy: 'it is tried again by itself (p: now); nerveflow doctor tells more',
        },
      };
  }
}

function storeTrouble(event: EventOf<'item.failed'>): Trouble {
  return event.code === 'DISK_FULL'
    ? {
        kind: 'store',
        what: 'the disk of the store is full',
        remedy: 'make room: what failed is tried again by itself',
      }
    : {
        kind: 'store',
        what: event.message,
        remedy: 'let it be written to: what failed is tried again by itself',
      };
}

function noticeTrouble(troubles: Troubles, { code, message }: EventOf<'notice'>): Troubles {
  switch (code) {
    case 'FOLDER_MISSING': {
      const what = message.split(';')[0] ?? message;
      const remedy = 'bring it back: until then nothing of its files is dropped';
      return { ...troubles, folder: { kind: 'folder', what, remedy } };
    }
    case 'STORE_GONE': {
      const what = message.split(': what is')[0] ?? message;
      const remedy =
        'bring it back, or stop and start: what is done now is lost when the program ends';
      return { ...troubles, folder: { kind: 'folder', what, remedy } };
    }
    case 'NOTHING_RECOGNISED': {
      const [what = message, ...remedy] = message.split(': ');
      return { ...troubles, layout: { kind: 'layout', what, remedy: remedy.join(': ') } };
    }
    case 'STORE_BACK':
    case 'FOLDER_BACK':
      return without(troubles, 'folder');
    default:
      return troubles;
  }
}

function without(troubles: Troubles, kind: Trouble['kind']): Troubles {
  if (troubles[kind] === undefined) return troubles;
  const { [kind]: _, ...others } = troubles;
  return others;
}
