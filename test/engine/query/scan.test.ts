import t from 'tap';
import { mergePieces, type Piece, type PieceChunk } from '../../../engine/query/scan.js';
import { Random, testSeed } from '../../support/random.js';

interface Row {
  readonly time: number;
  readonly row: number;
  readonly value: number;
  readonly text: string | undefined;
}

function pieceOf(
  rows: readonly Row[],
  chunkRows: () => number,
  order: 'asc' | 'desc',
  onOpen: () => void,
): Piece {
  const sorted = [...rows].sort((a, b) => a.time - b.time || a.row - b.row);
  if (order === 'desc') sorted.reverse();
  const times = rows.map(row => row.time);
  return {
    minTime: Math.min(...times),
    maxTime: Math.max(...times),
    *chunks() {
      onOpen();
      for (let at = 0; at < sorted.length; ) {
        const part = sorted.slice(at, at + chunkRows());
        at += part.length;
        yield chunkOf(part);
      }
    },
  };
}

function chunkOf(rows: readonly Row[]): PieceChunk {
  const dictionary = [...new Set(rows.map(row => row.text).filter(text => text !== undefined))];
  return {
    timestamps: Float64Array.from(rows, row => row.time),
    rows: Float64Array.from(rows, row => row.row),
    columns: [
      { name: 'v', type: 'number', values: Float64Array.from(rows, row => row.value) },
      {
        name: 's',
        type: 'string',
        dictionary,
        values: Float64Array.from(rows, row =>
          row.text === undefined ? Number.NaN : dictionary.indexOf(row.text),
        ),
      },
    ],
  };
}

function rowsOf(chunks: Iterable<PieceChunk>): Row[] {
  const rows: Row[] = [];
  for (const { timestamps, rows: numbers, columns } of chunks) {
    if (timestamps.length === 0 || timestamps.length > 1_024) throw new Error(`${timestamps.length} rows`);
    for (let at = 0; at < timestamps.length; at++) {
      const text = columns[1].dictionary?.[columns[1].values[at]];
      rows.push({ time: timestamps[at], row: numbers[at], value: columns[0].values[at], text });
    }
  }
  return rows;
}

t.test('pieces merge as sorting all rows would', t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 400; round++) {
    const all: Row[] = [];
    const order = random.pick(['asc', 'desc'] as const);
    const pieces = Array.from({ length: random.integer(6) }, () => {
      const from = random.integer(50);
      const rows = Array.from({ length: 1 + random.integer(random.next() < 0.1 ? 3_000 : 40) }, () => ({
        time: from + random.integer(40),
        row: 0,
        value: random.next(),
        text: random.pick([undefined, 'a', 'b', 'c']),
      })).map((row, at) => ({ ...row, row: all.length + at }));
      all.push(...rows);
      return pieceOf(
        rows,
        () => 1 + random.integer(random.next() < 0.5 ? 10 : 1_024),
        order,
        () => {},
      );
    });
    const expected = all.sort((a, b) => a.time - b.time || a.row - b.row);
    if (order === 'desc') expected.reverse();
    t.same(rowsOf(mergePieces(pieces, order)), expected);
  }
  t.end();
});

t.test('a piece is opened only when the merge comes to it', t => {
  const opened: string[] = [];
  const rowsAt = (from: number, row: number) =>
    Array.from({ length: 5 }, (_, at) => ({ time: from + at, row: row + at, value: at, text: undefined }));
  const make = (order: 'asc' | 'desc') => [
    pieceOf(
      rowsAt(100, 10),
      () => 5,
      order,
      () => opened.push('late'),
    ),
    pieceOf(
      rowsAt(0, 0),
      () => 5,
      order,
      () => opened.push('early'),
    ),
  ];
  for (const _ of mergePieces(make('asc'), 'asc')) break;
  t.same(opened, ['early']);
  opened.length = 0;
  for (const _ of mergePieces(make('desc'), 'desc')) break;
  t.same(opened, ['late']);
  t.end();
});
