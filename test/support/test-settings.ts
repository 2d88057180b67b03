import type { Settings } from '../../src/settings/options.js';
import { readSettings } from '../../src/settings/read-settings.js';
import type { RawFolder } from './raw-folder.js';

/** Small and quick, whatever the machine's own settings are. */
export function testSettings(
  { raw, store }: Pick<RawFolder, 'raw' | 'store'>,
  flags: Partial<Record<keyof Settings, unknown>> = {},
): Settings {
  return readSettings({
    flags: {
      raw,
      store,
      size: '16x16',
      batchSize: 4,
      epochs: 2,
      settle: 20,
      retrainPairs: 1,
      retrainQuiet: 0.05,
      ...flags,
    },
    variables: {},
    file: undefined,
  });
}
