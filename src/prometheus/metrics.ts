import { Registry } from 'prom-client';
import type { PipelineEvent } from '../events.js';
import { Instruments } from './instruments.js';
import { itemMetrics } from './item-metrics.js';
import { programMetrics } from './program-metrics.js';
import { RowLatency } from './row-latency.js';
import { type StoreCounts, storeMetrics } from './store-metrics.js';
import { trainingMetrics } from './training-metrics.js';

export interface MetricsOptions {
  /** Asked once a look. */
  readonly countStore: () => StoreCounts;
  readonly now?: () => number;
}

/** The one stream of events as numbers in Prometheus' form. */
export class Metrics {
  readonly registry = new Registry();
  private readonly parts: readonly ((event: PipelineEvent) => void)[];
  private readonly lookAtStore: () => void;

  constructor({ countStore, now = Date.now }: MetricsOptions) {
    const make = new Instruments(this.registry);
    const fileToRow = make.histogram(
      'file_to_row_seconds',
      'Time from the first look at a new or changed, settled test image to its row in submission.csv',
      [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
    );
    const latency = new RowLatency((ms) => fileToRow.observe(ms / 1000));
    this.parts = [
      (event) => latency.add(event, now()),
      itemMetrics(make),
      trainingMetrics(make, now),
      programMetrics(make),
    ];
    const setStore = storeMetrics(make);
    this.lookAtStore = () => setStore(countStore());
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** All numbers, the store's counted now. */
  async metrics(): Promise<string> {
    this.lookAtStore();
    return await this.registry.metrics();
  }

  add(event: PipelineEvent): void {
    for (const add of this.parts) add(event);
  }
}
