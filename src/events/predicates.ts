import type { PipelineEvent } from '../events.js';
import type { ItemEvent } from './items.js';

/** Whether it concerns one image. */
export function isItemEvent(event: PipelineEvent): event is ItemEvent {
  return event.type.startsWith('item.');
}

/** Whether an item failed for want of a store that takes it, and not for anything of its own. */
export function isStoreRefusal({ code }: { readonly code: string }): boolean {
  return code === 'DISK_FULL' || code === 'STORE_WRITE_FAILED';
}

/** Whether only eyes are for it: `--json` leaves it out. */
export function isForEyes({ type }: PipelineEvent): boolean {
  return type === 'preview' || type === 'system';
}

/** Whether a later one of its kind makes up for it, so that a slow reader may miss it. */
export function isSample(event: PipelineEvent): boolean {
  return event.type === 'stages' || event.type === 'train.step' || isForEyes(event);
}
