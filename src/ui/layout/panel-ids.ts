export const panelIds = [
  'pipeline',
  'training',
  'picture',
  'predictions',
  'system',
  'failures',
  'log',
] as const;

export type PanelId = (typeof panelIds)[number];
