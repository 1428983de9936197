import { Failure } from '../base/failure.js';
import { durationText } from '../base/format.js';
import { currentApi } from '../base/keys.js';
import { isLive, refresh, refreshCount, view } from './board.js';
import type { Panel } from './panel.js';
import { seriesOfPanel } from './panels.js';
import { currentBucket } from './session.js';
import { knownById, lastValue } from './sources.js';
import {
  type AggregateAnswer,
  before,
  changeText,
  figureOf,
  figureText,
  STATISTIC_WORDS,
  statisticQuery,
} from './statistic.js';
import { useAnswer } from './use-answer.js';

interface Answers {
  readonly answer: AggregateAnswer;
  readonly earlier: AggregateAnswer | undefined;
}

/** One figure a series, over the range that is shown. */
export function StatPanel({ panel }: { readonly panel: Panel }) {
  const { statistic = 'last' } = panel;
  const bucketId = currentBucket.value?._id ?? '';
  const shown = panel.series.filter(({ dataSourceId }) => knownById.value.has(dataSourceId));
  const range = view.value;
  const span = range.to - range.from;
  const question = shown.length === 0 ? '' : JSON.stringify([shown, statistic, span, isLive.value]);
  const { value, error } = useAnswer<Answers>(
    question,
    `${range.from} ${refreshCount.value}`,
    async signal => {
      const ask = (range: typeof view.value) =>
        currentApi
          .peek()
          .post<AggregateAnswer>('/api/data/query', statisticQuery(bucketId, shown, statistic, range), {
            signal,
          });
      const [answer, earlier] = await Promise.all([
        ask(range),
        statistic === 'last' ? undefined : ask(before(range)),
      ]);
      return { answer, earlier };
    },
  );
  if (error !== undefined) return <Failure error={error} onRetry={refresh} />;
  if (shown.length === 0) return null;
  if (value === undefined) return <div class="skeleton figure-skeleton" />;
  const ago = durationText(span);
  return (
    <dl class="figures">
      {seriesOfPanel({ ...panel, series: shown }, bucketId, knownById.value).map((series, index) => {
        const figure = figureOf(shown[index], statistic, value.answer, value.earlier);
        const now =
          statistic === 'last' && isLive.value ? lastValue(series.dataSourceId, series.field) : undefined;
        return (
          <div key={`${series.dataSourceId} ${series.field}`}>
            <dt class="small muted">
              <span class={`dot series-${series.colour}`} />
              <span class="clipped">
                {shown.length === 1 && series.label === panel.title ? series.field : series.label} ·{' '}
                {STATISTIC_WORDS[statistic]}
              </span>
            </dt>
            <dd>
              <b>{figureText(now ?? figure.value, statistic)}</b>
              {series.unit !== undefined && statistic !== 'count' && <span class="unit">{series.unit}</span>}
              {figure.change !== undefined && (
                <span class="change" title={statistic === 'last' ? `in ${ago}` : `against the ${ago} before`}>
                  {changeText(figure.change, statistic)}
                </span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
