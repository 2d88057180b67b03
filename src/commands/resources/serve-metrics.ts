import { statSync } from 'node:fs';
import { collectDefaultMetrics } from 'prom-client';
import { Metrics } from '../../prometheus/metrics.js';
import { MetricsServer } from '../../prometheus/metrics-server.js';
import type { StoreCounts } from '../../prometheus/store-metrics.js';
import { formatListenAddress, type ListenAddress } from '../../settings/listen-address.js';
import { UsageError } from '../../settings/read-settings.js';
import type { OpenStore } from '../../store/open-store.js';
import type { EventReader, EventStream } from './event-stream.js';

/**
 * Opens the endpoint of `--metrics`, before anything else is begun.
 * @throws UsageError when nothing can listen there.
 */
export async function serveMetrics(
  address: ListenAddress,
  store: Pick<OpenStore, 'catalog' | 'paths'>,
  pending: () => number | null,
  stream: EventStream,
): Promise<EventReader> {
  const metrics = new Metrics({ countStore: () => countStore(store, pending()) });
  // Memory, processor time, open files and how late the event loop is, of this process.
  collectDefaultMetrics({ register: metrics.registry });
  const server = new MetricsServer(metrics);
  const where = await server.listen(address).catch((error: NodeJS.ErrnoException) => {
    const { code } = error;
    const why = code === 'EADDRINUSE' ? 'another program listens there' : error.message;
    throw new UsageError(
      `--metrics: nothing can listen at ${formatListenAddress(address)}: ${why}; choose another port or leave --metrics out`,
    );
  });
  stream.events$.subscribe((event) => metrics.add(event));
  const message = `numbers for Prometheus at http://${formatListenAddress(where)}/metrics`;
  stream.emitAfterFirst({ type: 'notice', level: 'info', code: 'METRICS_SERVED', message });
  return server;
}

function countStore(
  { catalog, paths }: Pick<OpenStore, 'catalog' | 'paths'>,
  pending: number | null,
): StoreCounts {
  let pairs = 0;
  for (const _ of catalog.samples.idsOf('train')) pairs++;
  let nonEmptyRows = 0;
  for (const { pixels } of catalog.predictions.values()) if (pixels > 0) nonEmptyRows++;
  return {
    files: catalog.files.size,
    pairs,
    testImages: catalog.samples.size - pairs,
    rows: catalog.predictions.size,
    nonEmptyRows,
    pending,
    submissionAtMs: statSync(paths.submission, { throwIfNoEntry: false })?.mtimeMs ?? null,
  };
}
