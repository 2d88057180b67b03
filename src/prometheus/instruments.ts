import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Makes the numbers of one registry; each is called `nerveflow_` and its name. */
export class Instruments {
  constructor(private readonly registry: Registry) {}

  counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter(this.about(name, help, labelNames));
  }

  gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge(this.about(name, help, labelNames));
  }

  /** Absent until the first figure: a 0 that nobody measured would be a lie. */
  unknownGauge(name: string, help: string): Gauge {
    const gauge = this.gauge(name, help);
    gauge.remove();
    return gauge;
  }

  histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ ...this.about(name, help), buckets });
  }

  private about(name: string, help: string, labelNames: string[] = []) {
    return { name: `nerveflow_${name}`, help, labelNames, registers: [this.registry] };
  }
}

/** A figure that there is not must not be shown as an old one. */
export function setOrRemove(
  gauge: Gauge,
  value: number | null,
  labels: Record<string, string> = {},
): void {
  if (value === null) gauge.remove(labels);
  else gauge.set(labels, value);
}
