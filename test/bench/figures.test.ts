import t from 'tap';
import { type Figure, formatValue, isMet, medianFigures, verdictText } from '../../bench/figures.js';
import { chartSvg } from '../../bench/report/chart.js';
import { comparisonText, resultText } from '../../bench/result-text.js';
import { readResult, resultOf, saveResult } from '../../bench/results.js';

const figure = (value: number | undefined, more: Partial<Figure> = {}): Figure => ({
  id: 'a.b',
  title: 'a <b>',
  unit: 'ms',
  value,
  better: 'less',
  ...more,
});

t.test('goals are met or missed', t => {
  const cases: [Figure, boolean | undefined, string][] = [
    [figure(2), undefined, ''],
    [figure(2, { goal: 2 }), true, 'met'],
    [figure(3, { goal: 2 }), false, 'missed: 1.50×'],
    [figure(3, { goal: 4, better: 'more' }), false, 'missed: 75 % of it'],
    [figure(4, { goal: 4, better: 'more' }), true, 'met'],
    [figure(0, { goal: 0 }), true, 'met'],
    [figure(1, { goal: 0 }), false, 'missed: ∞×'],
    [figure(undefined, { goal: 1, missing: 'NOT SPOKEN' }), undefined, 'NOT SPOKEN'],
  ];
  for (const [found, met, text] of cases) {
    t.equal(isMet(found), met, text);
    t.equal(verdictText(found), text);
  }
  t.end();
});

t.test('values keep three digits', t => {
  const cases: [number, string][] = [
    [0, '0'],
    [0.0314, '0.031'],
    [0.336, '0.34'],
    [7.125, '7.13'],
    [25.04, '25.0'],
    [123.4, '123'],
    [1_234_567.8, '1,234,568'],
  ];
  for (const [value, text] of cases) t.equal(formatValue(value), text);
  t.end();
});

t.test('of several runs the median is told', t => {
  const runs = [5, 1, 3].map(value => [figure(value), figure(undefined)]);
  t.same(medianFigures(runs), [figure(3), figure(undefined)]);
  t.same(medianFigures([[figure(2)], [figure(1)]])[0].value, 1, 'the lower of two');
  t.end();
});

t.test('results are kept, read again, and compared', t => {
  const directory = t.testdir({ 'other.json': '{}' });
  const result = (values: [number, number, number], hash: string) =>
    resultOf('ingest', {
      figures: [
        figure(values[0], { id: 'time', title: 'time' }),
        figure(values[1], { id: 'rate', title: 'rate', better: 'more' }),
        figure(values[2], { id: 'same', title: 'same' }),
      ],
      hashes: { work: hash },
    });
  const before = result([1, 10, 5], 'x');
  const path = saveResult(before, directory);
  t.match(path, /\/\d{8}-\d{6}-ingest\.json$/);
  t.same(readResult(path), before);
  t.ok(before.machine.cores > 0 && before.commit.length > 0);
  const lines = comparisonText(before, result([2, 20, 5.1], 'y')).split('\n');
  t.match(lines[2], /^time +ms +1\.00 +2\.00 +0\.50× +← worse$/);
  t.match(lines[3], /^rate +ms +10\.0 +20\.0 +2\.00× +better$/);
  t.match(lines[4], /^same +ms +5\.00 +5\.10 +0\.98×$/);
  t.match(lines[5], /answers of work are others/);
  t.throws(() => readResult(`${directory}/other.json`), /no saved result/);
  t.end();
});

t.test('a peer stands beside, and what it could not do is said', t => {
  const peers = [
    {
      name: 'p',
      title: 'Peer',
      version: '1',
      figures: [figure(9), figure(undefined, { id: 'x', missing: 'broken' })],
    },
  ];
  const text = resultText(resultOf('c', { figures: [figure(2, { goal: 1 })], hashes: {}, peers }));
  t.match(text, /^a <b> +ms +2\.00 +≤ 1 +9\.00 +missed: 2\.00×$/m);
  t.match(text, /a <b>: broken/);
  t.end();
});

t.test('bars are as long as their values, and texts are no markup', t => {
  const bars = [
    { label: '<us>', value: 5, isOurs: true },
    { label: 'peer', value: 10, isOurs: false },
    { label: 'none', isOurs: false },
  ];
  const svg = chartSvg({ title: 'a & b', unit: 'ms', bars, goal: 2, better: 'less' });
  const widths = [...svg.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width));
  t.equal(widths.length, 2);
  t.equal(widths[0] * 2, widths[1]);
  t.match(svg, /&lt;us&gt;/);
  t.match(svg, /a &amp; b/);
  t.match(svg, /not measured/);
  t.match(svg, /goal ≤ 2</);
  t.end();
});
