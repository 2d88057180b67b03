import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sorted } from '../../src/operators/sorted.js';
import { inSubmissionOrder, submissionOrder } from '../../src/store/submission-csv.js';

function finished<T>(work: Generator<void, T>): { value: T; pauses: number } {
  for (let pauses = 0; ; pauses++) {
    const step = work.next();
    if (step.done) return { value: step.value, pauses };
  }
}

test('is what a sort in one go makes, also of what compares as equal', () => {
  const items = fc.array(fc.record({ key: fc.nat(9), nth: fc.nat() }), { maxLength: 3000 });
  fc.assert(
    fc.property(items, (all) => {
      const compare = (a: { key: number }, b: { key: number }) => a.key - b.key;
      expect(finished(sorted(all, compare)).value).toEqual(all.toSorted(compare));
    }),
    { numRuns: 30 },
  );
});

test('pauses while many are sorted', () => {
  const many = Array.from({ length: 20_000 }, (_, at) => (at * 7919) % 20_000);
  const { value, pauses } = finished(sorted(many, (a, b) => a - b));
  expect(value).toEqual(Array.from(many.keys()));
  expect(pauses).toBeGreaterThan(100);
});

test('of ids: numbers as numbers, others in natural order', () => {
  const numbers = ['10', '9', '0', '9007199254740993', '123456789012345678901'];
  const names = ['p2/10', 'p10/1', '7', 'p2/9'];
  for (const ids of [numbers, names]) {
    expect(finished(inSubmissionOrder(ids)).value).toEqual(submissionOrder(ids));
  }
  expect(submissionOrder(numbers)).toEqual(['0', '9', '10', ...numbers.slice(3)]);
  expect(submissionOrder(names)).toEqual(['7', 'p2/9', 'p2/10', 'p10/1']);
});
