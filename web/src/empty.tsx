import type { Status } from './api.js';

/** What to do where there is nothing to be seen. */
export function Empty({
  isFiltered,
  status,
}: {
  readonly isFiltered: boolean;
  readonly status: Status | null;
}) {
  if (isFiltered) return <p class="empty">No image fits. Change what is shown above.</p>;
  if (status?.program.running) {
    return (
      <p class="empty">No image yet. Put some into raw/: they are here as soon as they are read.</p>
    );
  }
  return <p class="empty">No image yet. Run nerveflow watch, which reads raw/.</p>;
}
