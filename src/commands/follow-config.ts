import { basename, resolve } from 'node:path';
import type { PipelineEvent } from '../events.js';
import { watchConfigFile } from '../settings/config-look.js';
import {
  type ChangedSetting,
  type ConfigNews,
  ConfigReload,
  livePartOf,
} from '../settings/config-reload.js';
import type { Settings } from '../settings/options.js';
import { configFile, type FixedSources } from '../settings/read-settings.js';

export interface ConfigFollower {
  emit(event: PipelineEvent): void;
  use(settings: Settings): void;
}

/** `--watch-config`: takes over what changes in the file, and says what came of it. Returns how to stop. */
export function followConfig(
  sources: FixedSources,
  running: Settings,
  { emit, use }: ConfigFollower,
): () => void {
  const reload = new ConfigReload(sources, running);
  const subscription = watchConfigFile(resolve(configFile)).subscribe((look) => {
    const news = reload.take(look);
    if (news.type === 'read' && news.applied.length > 0) use(news.settings);
    for (const event of noticesOf(news)) emit(event);
  });
  return () => subscription.unsubscribe();
}

export function noticesOf(news: ConfigNews): PipelineEvent[] {
  const notice = (level: 'info' | 'warning', code: string, text: string): PipelineEvent => ({
    type: 'notice',
    level,
    code,
    message: `${basename(configFile)}: ${text}`,
  });
  if (news.type === 'refused') {
    const message = `${news.message}; what ran before it goes on`;
    return [{ type: 'notice', level: 'warning', code: 'CONFIG_REFUSED', message }];
  }
  const { applied, needRestart, overruled } = news;
  const notices: PipelineEvent[] = [];
  if (applied.length > 0) {
    const keeps = applied.some(({ key }) => livePartOf(key) === 'training')
      ? '; a training that runs keeps its own'
      : '';
    const changes = applied.map(({ key, from, to }) =>
      key === 'recipes'
        ? 'your own recipes have changed'
        : `${key} is now ${inWords(to)} (was ${inWords(from)})`,
    );
    notices.push(notice('info', 'CONFIG_RELOADED', `${changes.join(', ')}${keeps}`));
  }
  if (needRestart.length > 0) {
    const changes = needRestart.map(
      ({ key, from, to }: ChangedSetting) => `${key} ${inWords(to)} (now ${inWords(from)})`,
    );
    notices.push(
      notice(
        'warning',
        'CONFIG_NEEDS_RESTART',
        `only the next start takes over ${changes.join(', ')}`,
      ),
    );
  }
  for (const { key, by } of overruled) {
    notices.push(
      notice('info', 'CONFIG_OVERRULED', `${key} changes nothing: ${by} counts over it`),
    );
  }
  return notices;
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) return 'not set';
  if (typeof value !== 'object') return String(value);
  if ('height' in value && 'width' in value) return `${value.height}x${value.width}`;
  if ('host' in value && 'port' in value) return `${value.host}:${value.port}`;
  return JSON.stringify(value);
}
