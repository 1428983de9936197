/** Addresses of the dashboards, read and written. */
import t from 'tap';
import {
  type PageLocation,
  parseLocation,
  printLocation,
  viewHash,
} from '../../../server/web/board/location.js';
import { type Panel, readPanels } from '../../../server/web/board/panel.js';

const A = 'a'.repeat(24);
const B = 'b'.repeat(24);

const PANEL: Panel = {
  id: 'p1',
  kind: 'chart',
  title: '50 % & more #1 <img>',
  width: 'half',
  height: 'normal',
  drawing: 'band',
  series: [{ dataSourceId: A, field: 'température/°C' }],
};

function parse(address: string): PageLocation {
  return parseLocation(new URL(address, 'http://localhost'));
}

/** Without what is undefined. */
function said(location: PageLocation): object {
  return Object.fromEntries(Object.entries(location).filter(([, value]) => value !== undefined));
}

t.test('an address is read as it was written', t => {
  const cases: [string, PageLocation][] = [
    ['/', { view: 'board' }],
    [`/?bucket=${A}`, { bucketId: A, view: 'board' }],
    [
      `/?bucket=${A}&dashboard=${B}&from=now-24h&to=now&tz=Europe/Berlin`,
      { bucketId: A, dashboardId: B, from: 'now-24h', to: 'now', timezone: 'Europe/Berlin', view: 'board' },
    ],
    ['/?from=2024-01-15T10:30:00Z', { from: '2024-01-15T10:30:00Z', view: 'board' }],
    [`/?sources=${A},${B}#explore/sources`, { sourceIds: [A, B], view: 'sources' }],
    [`/#explore/source/${A}`, { view: 'source', viewId: A }],
    [`/#explore/alerts`, { view: 'alerts' }],
  ];
  for (const [address, location] of cases) {
    t.same(said(parse(address)), location, address);
    t.equal(printLocation(location), address);
  }
  for (const view of ['board', 'storage'] as const) {
    const location = { view, panels: [PANEL] };
    t.same(said(parse(printLocation(location))), location);
  }
  t.end();
});

t.test('what makes no sense is left out', t => {
  const addresses = [
    '/?bucket=no&dashboard=<img>&tz=Nowhere/At_all&from=',
    `/?from=${'9'.repeat(41)}`,
    '/#explore/nothing',
    '/#panels=%7B',
    '/#panels=%zz',
    `/#panels=${encodeURIComponent(JSON.stringify([{ ...PANEL, kind: 'script' }]))}`,
  ];
  for (const address of addresses) t.same(said(parse(address)), { view: 'board' }, address);
  t.same(said(parse('/?sources=no')), { sourceIds: [], view: 'board' });
  t.end();
});

t.test('panels are those that a dashboard may have', t => {
  t.same(readPanels([PANEL]), [PANEL]);
  t.same(readPanels([{ ...PANEL, other: 1 }]), [PANEL], 'other members are dropped');
  const bad: unknown[] = [
    {},
    [null],
    [PANEL, PANEL],
    [{ ...PANEL, title: 'x'.repeat(101) }],
    [{ ...PANEL, width: 'third' }],
    [{ ...PANEL, drawing: 'line' }],
    [{ ...PANEL, statistic: 'sum' }],
    [{ ...PANEL, series: [{ dataSourceId: 'no', field: 'x' }] }],
    [{ ...PANEL, series: [{ dataSourceId: A, field: '' }] }],
    Array.from({ length: 51 }, (_, index) => ({ ...PANEL, id: String(index) })),
  ];
  for (const value of bad) t.equal(readPanels(value), undefined, JSON.stringify(value).slice(0, 80));
  t.end();
});

t.test('links to views name the view alone', t => {
  t.equal(viewHash('board'), '#');
  t.equal(viewHash('alerts'), '#explore/alerts');
  t.equal(viewHash('source', A), `#explore/source/${A}`);
  t.end();
});
