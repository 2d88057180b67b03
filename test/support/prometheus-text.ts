export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusText {
  readonly help: ReadonlyMap<string, string>;
  readonly type: ReadonlyMap<string, string>;
  readonly series: readonly Series[];
  /** Sum of the series of a name that have these labels; undefined where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

/** Reads the text format; throws at a line that Prometheus would refuse. */
export function parsePrometheusText(text: string): PrometheusText {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const help = new Map<string, string>();
  const type = new Map<string, string>();
  const series: Series[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (comment) {
      const [, kind, name = '', words = ''] = comment;
      (kind === 'HELP' ? help : type).set(name, words);
      continue;
    }
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    const value = Number(sample?.[3]?.replace('+Inf', 'Infinity'));
    if (sample === null || Number.isNaN(value)) throw new Error(`not of the format: ${line}`);
    const [, name = '', inside = ''] = sample;
    const family = name.replace(/_(bucket|sum|count)$/, '');
    if (!type.has(name) && !type.has(family)) throw new Error(`${name} has no type`);
    const labels = inside.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g);
    series.push({
      name,
      labels: Object.fromEntries([...labels].map(([, key = '', text = '']) => [key, text])),
      value,
    });
  }
  return {
    help,
    type,
    series,
    value(name, labels = {}) {
      const found = series.filter(
        (one) => one.name === name && Object.entries(labels).every(([k, v]) => one.labels[k] === v),
      );
      return found.length === 0 ? undefined : found.reduce((sum, one) => sum + one.value, 0);
    },
  };
}
