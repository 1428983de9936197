import t from 'tap';
import { verdictOf } from './test-file.js';

t.test('a file passes only where it says so and ends well', t => {
  const none = { fail: 0, skip: 0 };
  const cases: [name: string, stdout: string, error: Error | null, totals: object, fails: boolean][] = [
    [
      'passed',
      'ok 1 - a\n# { total: 3, pass: 3 }\n# time=1ms\n',
      null,
      { total: 3, pass: 3, ...none },
      false,
    ],
    ['skipped', '# { total: 3, pass: 2, skip: 1 }\n', null, { total: 3, pass: 2, fail: 0, skip: 1 }, false],
    [
      'failed',
      '# { total: 3, pass: 1, fail: 2 }\n',
      new Error('1'),
      { total: 3, pass: 1, fail: 2, skip: 0 },
      true,
    ],
    [
      'failed by its totals alone',
      '# { total: 1, pass: 0, fail: 1 }\n',
      null,
      { total: 1, pass: 0, fail: 1, skip: 0 },
      true,
    ],
    [
      'ended badly after it',
      '# { total: 3, pass: 3 }\n',
      new Error('SIGSEGV'),
      { total: 4, pass: 3, fail: 1, skip: 0 },
      true,
    ],
    ['ended early', 'ok 1 - a\n', null, { total: 1, pass: 0, fail: 1, skip: 0 }, true],
    ['a test that prints totals within itself', '    # { total: 1 }\n', null, { total: 1, fail: 1 }, true],
  ];
  for (const [name, stdout, error, totals, fails] of cases) {
    const verdict = verdictOf(stdout, '', error);
    t.match(verdict.totals, totals, name);
    t.equal(verdict.failures !== undefined, fails, name);
  }
  t.end();
});

t.test('what failed is told, with seeds and errors, without what passed', t => {
  const stdout = [
    '# Subtest: a',
    '    # seed 7',
    '    ok 1 - fine',
    '    not ok 2 - broken',
    '      ---',
    '      diff: |',
    '        +ok 1 of the text',
    '      ...',
    '    1..2',
    'not ok 1 - a',
    '# { total: 2, pass: 1, fail: 1 }',
  ];
  const { failures } = verdictOf(stdout.join('\n'), 'warned\n', new Error('Command failed\nwarned'));
  t.same(failures?.split('\n'), [
    ...[1, 3, 4, 5, 6, 7, 9, 10].map(line => stdout[line]),
    'warned',
    'Command failed',
  ]);
  t.end();
});
