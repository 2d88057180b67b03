import type { PanelId } from '../layout/panel-ids.js';
import { failures } from './failures.js';
import { log } from './log.js';
import type { Panel } from './panel.js';
import { picture } from './picture.js';
import { pipeline } from './pipeline.js';
import { predictions } from './predictions.js';
import { system } from './system.js';
import { training } from './training.js';

/** What is drawn where the layout puts it. */
export const panels: Readonly<Record<PanelId, Panel>> = {
  pipeline,
  training,
  picture,
  predictions,
  system,
  failures,
  log,
};
