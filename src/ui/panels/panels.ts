import type { PanelId } from '../layout.js';
import type { Panel } from '../view.js';
import { failures } from './failures.js';
import { log } from './log.js';
import { pipeline } from './pipeline.js';
import { predictions } from './predictions.js';
import { training } from './training.js';

/** What is drawn where the layout puts it. */
export const panels: Readonly<Record<PanelId, Panel>> = {
  pipeline,
  training,
  predictions,
  failures,
  log,
};
