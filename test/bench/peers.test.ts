import t from 'tap';
import { benchPeer } from '../../bench/peers/bench-peer.js';
import { peersOf } from '../../bench/peers/list.js';
import { remoteWriteBody } from '../../bench/peers/remote-write.js';
import { snappyLiteral } from '../../bench/peers/snappy.js';
import { readingsOf } from '../../bench/reference.js';
import { cpuSeries, sensorSeries } from '../../bench/workload.js';

/** A run of all takes minutes on a busy machine. */
for (const peer of peersOf('victoria-metrics,influxdb,duckdb')) {
  const version = peer.version();
  t.test(
    `${peer.title} does the same work`,
    { skip: version === undefined && 'it is not installed' },
    async t => {
      const works = [
        { work: 'cpu-dec', series: () => cpuSeries('dec', 12, 500) },
        { work: 'sensor', series: () => [sensorSeries(3_600)] },
      ] as const;
      const figures = await benchPeer(peer, { works, runs: 1, restMs: 250 });
      for (const { id, value, missing } of figures) t.ok((value ?? 0) > 0, `${id} ${missing ?? ''}`);
      const ids = figures.map(({ id }) => id);
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) t.ok(ids.includes(`query.${name}.p50`));
    },
  );
}

t.test('a peer that nobody knows', t => {
  t.throws(() => peersOf('influxdb,nobody'), /There is no peer nobody: they are victoria-metrics, influxdb/);
  t.end();
});

/** Google's block format, literals only. */
function readSnappy(bytes: Buffer): Buffer {
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    length |= (bytes[at] & 0x7f) << shift;
    if (bytes[at++] < 0x80) break;
  }
  const parts: Buffer[] = [];
  while (at < bytes.length) {
    if (bytes[at] !== 61 << 2) throw new Error(`tag ${bytes[at]}`);
    const size = bytes.readUInt16LE(at + 1) + 1;
    parts.push(bytes.subarray(at + 3, at + 3 + size));
    at += 3 + size;
  }
  const whole = Buffer.concat(parts);
  if (whole.length !== length) throw new Error(`${whole.length} bytes instead of ${length}`);
  return whole;
}

t.test('literal frames of any length', t => {
  for (const length of [0, 1, 127, 128, 65_535, 65_536, 65_537, 200_000]) {
    const bytes = Buffer.from(Uint8Array.from({ length }, (_, index) => index * 7));
    t.ok(readSnappy(snappyLiteral(bytes)).equals(bytes), `${length} bytes`);
  }
  t.end();
});

t.test('remote write has each sample as Protocol Buffers have it', t => {
  const readings = [
    readingsOf({
      source: 'h',
      timestamps: Float64Array.of(300),
      fields: new Map([['f', Float64Array.of(1)]]),
    }),
  ];
  const rectangle = { sourceFrom: 0, sourceTo: 1, rowFrom: 0, rowTo: 1 };
  const label = (name: string, value: string) => {
    const text = `\n${String.fromCharCode(name.length)}${name}\x12${String.fromCharCode(value.length)}${value}`;
    return `\n${String.fromCharCode(text.length)}${text}`;
  };
  const labels = label('__name__', 'm') + label('field', 'f') + label('hostname', 'h');
  // 1 as a double, and 300 as a varint.
  const sample = Buffer.from('120c09000000000000f03f10ac02', 'hex');
  const series = Buffer.concat([Buffer.from(labels, 'latin1'), sample]);
  const want = Buffer.concat([Buffer.of(0x0a, series.length), series]);
  t.equal(readSnappy(remoteWriteBody('m', readings, rectangle)).toString('hex'), want.toString('hex'));
  t.end();
});
