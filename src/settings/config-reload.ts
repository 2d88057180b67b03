import { isDeepStrictEqual } from 'node:util';
import type { ConfigLook } from './config-look.js';
import {
  type LivePart,
  type OptionKey,
  type OptionSpec,
  options,
  type Settings,
} from './options.js';
import {
  aboveFile,
  configFile,
  type FixedSources,
  parseConfig,
  readSettings,
  UsageError,
  unreadable,
} from './read-settings.js';

/** An option, or the recipes of one's own. */
export type SettingKey = keyof Settings;

const settingKeys: readonly SettingKey[] = [...(Object.keys(options) as OptionKey[]), 'recipes'];

export interface ChangedSetting {
  readonly key: SettingKey;
  readonly from: unknown;
  readonly to: unknown;
}

/** What came of one look at the file. */
export type ConfigNews =
  /** The file cannot be used; everything stays as it is. */
  | { readonly type: 'refused'; readonly message: string }
  | {
      readonly type: 'read';
      /** To go on with: as they ran, but for `applied`. */
      readonly settings: Settings;
      readonly applied: readonly ChangedSetting[];
      /** `from` runs until the next start; told once for each `to`. */
      readonly needRestart: readonly ChangedSetting[];
      /** Changed in the file, but a flag or a variable counts over it. */
      readonly overruled: readonly { readonly key: OptionKey; readonly by: string }[];
    };

/** Compares each look at the file with what runs. */
export class ConfigReload {
  /** As of the last look that could be used. */
  private file: Readonly<Record<string, unknown>> | null = null;
  private readonly awaitingRestart = new Map<SettingKey, unknown>();

  /** @param running the settings of the start, which may not have come from this file as it is now */
  constructor(
    private readonly sources: FixedSources,
    private running: Settings,
  ) {}

  take(look: ConfigLook): ConfigNews {
    let wanted: Settings;
    let file: unknown;
    try {
      file = contentOf(look);
      wanted = readSettings({ ...this.sources, file });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return { type: 'refused', message: error.message };
    }
    const changed = settingKeys
      .map((key) => ({ key, from: this.running[key], to: wanted[key] }))
      .filter(({ from, to }) => !isDeepStrictEqual(from, to));
    const applied = changed.filter(({ key }) => livePartOf(key) !== undefined);
    const frozen = changed.filter(({ key }) => livePartOf(key) === undefined);
    const needRestart = frozen.filter(
      ({ key, to }) => !isDeepStrictEqual(this.awaitingRestart.get(key), to),
    );
    this.awaitingRestart.clear();
    for (const { key, to } of frozen) this.awaitingRestart.set(key, to);
    const overruled = this.overruledBy(file as Readonly<Record<string, unknown>> | undefined);
    const news = Object.fromEntries(applied.map(({ key, to }) => [key, to]));
    this.running = { ...this.running, ...news };
    return { type: 'read', settings: this.running, applied, needRestart, overruled };
  }

  private overruledBy(file: Readonly<Record<string, unknown>> = {}) {
    const before = this.file ?? file;
    this.file = file;
    return (Object.keys(options) as OptionKey[]).flatMap((key) => {
      const above = aboveFile(key, this.sources);
      const isNews = key in file && !isDeepStrictEqual(file[key], before[key]);
      return isNews && above !== undefined ? [{ key, by: above.name }] : [];
    });
  }
}

/** Which part of a running program takes another value of this option; none: it needs a restart. */
export function livePartOf(key: SettingKey): LivePart | undefined {
  if (key === 'recipes') return 'training';
  return (options[key] as OptionSpec<unknown>).live;
}

/** The parts that are to go on with other settings than before. */
export function changedParts(before: Settings, now: Settings): ReadonlySet<LivePart> {
  const keys = settingKeys.filter((key) => !isDeepStrictEqual(before[key], now[key]));
  return new Set(keys.flatMap((key) => livePartOf(key) ?? []));
}

function contentOf(look: ConfigLook): unknown {
  switch (look.state) {
    case 'there':
      return parseConfig(look.text);
    case 'missing':
      return undefined;
    case 'unreadable':
      throw unreadable(configFile, look.error);
  }
}
