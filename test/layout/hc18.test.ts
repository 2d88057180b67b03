import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layoutOf } from '../../src/layout/layouts.js';
import { sharedData } from '../support/shared-data.js';

const hc18 = sharedData('hc18');

const ownLayout = {
  images: 'training_set/{subject:\\d+}_{frame:\\d*}HC.png',
  masks: 'training_set/{subject}_{frame}HC_Annotation.png',
  maskKind: 'outline',
  predict: 'test_set/{id}_HC.png',
};

test.skipIf(!existsSync(hc18))('the layout of HC18 pairs all of its images', () => {
  const layout = layoutOf(ownLayout);
  if (!layout.ok) throw new Error(layout.failure.message);
  const roles = readdirSync(join(hc18, 'training_set')).map((name) =>
    layout.value.roleOf(`training_set/${name}`),
  );
  const images = roles.filter((role) => role.kind === 'image');
  const masks = new Set(roles.flatMap((role) => (role.kind === 'mask' ? [role.id] : [])));
  expect(images).toHaveLength(162);
  expect(new Set(images.map(({ subject }) => subject)).size).toBe(130);
  expect(images.filter(({ id }) => !masks.has(id))).toEqual([]);
});
