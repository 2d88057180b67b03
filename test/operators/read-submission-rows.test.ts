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

const plain = 'img,pixels\n1,1 3 10 5\n2,\n3,421 10\n';
const quoted = '"img","pixels"\n"1","1 3 10 5"\n"2",""\n"3","421 10"\n';

test.each([
  ['quotes', quoted],
  ['CRLF', quoted.replaceAll('\n', '\r\n')],
  ['CR alone', plain.replaceAll('\n', '\r')],
  ['a byte order mark before a quote', `\uFEFF${quoted}`],
  ['tabs', plain.replaceAll(',', '\t')],
  ['semicolons', plain.replaceAll(',', ';')],
  ['names in capitals', plain.replace('img,pixels', 'IMG, Pixels')],
  ['rows that a spreadsheet left empty', `${plain},\n,\n`],
  [
    'names of rows, as R writes them',
    '"","img","pixels"\n"1","1","1 3 10 5"\n"2","2",""\n"3","3","421 10"\n',
  ],
])('reads the same rows with %s', (_, text) => {
  const { rows, failures } = readSubmissionRows(text);
  expect(failures).toEqual([]);
  expect([...rows.values()].map(({ id, rle }) => [id, rle])).toEqual([
    ['1', '1 3 10 5'],
    ['2', ''],
    ['3', '421 10'],
  ]);
});

test('says what parts the fields, and where they were found', () => {
  expect(readSubmissionRows(plain).taken).toEqual([]);
  expect(readSubmissionRows(plain.replaceAll(',', '\t')).taken).toEqual(['a tab parts its fields']);
  expect(readSubmissionRows('pixels;img\n1 3;1\n').taken).toEqual([
    'a semicolon parts its fields',
    'ids are column img',
    'run lengths are column pixels',
  ]);
});

test("reads Kaggle's train_masks.csv; two subjects may have an image of the same number", () => {
  const { rows, taken } = readSubmissionRows('subject,img,pixels\n1,1,5 2\n2,1,\n');
  expect([...rows.values()].map(({ id, rle }) => [id, rle])).toEqual([
    ['1_1', '5 2'],
    ['2_1', ''],
  ]);
  expect(taken).toEqual(['ids are subject_img', 'run lengths are column pixels']);
});

test('a first line with run lengths is no header, whatever its id', () => {
  const { rows } = readSubmissionRows('head_1,5 2\nhead_2,\n');
  expect([...rows.keys()]).toEqual(['head_1', 'head_2']);
});

test('guesses neither columns nor where a quote ends', () => {
  const codes = (text: string) => readSubmissionRows(text).failures.map(({ code }) => code);
  expect(codes('a,b,c\n1,2,3\n')).toEqual(['CSV_COLUMNS']);
  expect(codes('img,pixels\n1,"1 3\n2,\n')).toEqual(['CSV_UNREADABLE']);
  expect(codes('img,pixels\n1,1 3,7 2\n')).toEqual(['ROW_TOO_LONG']);
});
