import t from 'tap';
import { benchPages, pagesFigures, pagesText } from '../../bench/pages.js';
import { noBrowser } from '../support/browser.js';

t.test('a chart is zoomed and panned in a browser', { skip: noBrowser }, async t => {
  const report = await benchPages({ points: 20_000, turns: 3, frames: 5 });
  t.ok(report.drawnMs.p50 > 0 && report.framesPerSecond > 0);
  t.equal(pagesFigures(report).length, 2);
  t.match(pagesText(report), /^a chart over 20,000 points/);
});
