import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSubmissionRows } from '../../src/operators/read-submission-rows.js';
import { formatSubmission } from '../../src/store/submission-csv.js';

test('reads what is written', () => {
  const rows = fc.uniqueArray(
    fc.record({ id: fc.nat().map(String), rle: fc.constantFrom('', '1 3', '5 2 9 1') }),
    {
      selector: ({ id }) => id,
    },
  );
  fc.assert(
    fc.property(rows, (written) => {
      const { rows: read, failures } = readSubmissionRows(formatSubmission(written));
      expect(failures).toEqual([]);
      expect([...read.values()].map(({ id, rle }) => ({ id, rle }))).toEqual(
        [...written].sort((a, b) => Number(a.id) - Number(b.id)),
      );
    }),
  );
});

test('a header is no row; line breaks of Windows, empty lines and a byte order mark do no harm', () => {
  const { rows, failures } = readSubmissionRows('\uFEFFimg,pixels\r\n7,1 2\r\n\r\n8,\r\n');
  expect(failures).toEqual([]);
  expect([...rows.values()]).toEqual([
    { id: '7', rle: '1 2', line: 2 },
    { id: '8', rle: '', line: 4 },
  ]);
  expect([...readSubmissionRows('7,1 2\n').rows.keys()]).toEqual(['7']);
});

test('names the line of what is no row, and of an id that came before', () => {
  const { rows, failures } = readSubmissionRows('img,pixels\n1,1 1\nwhat\n,1 1\n1,2 2\n');
  expect(failures.map(({ line, code }) => [line, code])).toEqual([
    [3, 'ROW_WITHOUT_COMMA'],
    [4, 'ROW_WITHOUT_ID'],
    [5, 'ROW_TWICE'],
  ]);
  expect([...rows.values()]).toEqual([{ id: '1', rle: '1 1', line: 2 }]);
});
