import { Failure } from '../../base/failure.js';
import { Icon } from '../../base/icon.js';
import type { Transition } from '../answers.js';
import { useLoaded } from '../loaded.js';
import { Table, Time } from '../parts.js';
import { bucketPath } from '../props.js';
import { readingText } from '../sources/source-list.js';
import type { RuleProps } from './rule.js';

const REASONS = { paused: 'because it was paused', changed: 'because it was changed' } as const;

/** When a rule has fired and was resolved, the last time first. */
export function History(props: RuleProps) {
  const { api, rule, timezone } = props;
  const { value, error } = useLoaded(
    signal => api.all<Transition>(bucketPath(props, `/alerts/${rule._id}/history`), 'history', { signal }),
    [api, rule._id],
  );
  if (error !== undefined) return <Failure error={error} />;
  if (value === undefined) return null;
  if (value.length === 0) return <p class="muted">It has not fired yet.</p>;
  return (
    <Table name={`History of ${rule.name}`}>
      <thead>
        <tr>
          <th>What</th>
          <th>When</th>
          <th class="number">Value</th>
        </tr>
      </thead>
      <tbody>
        {[...value].reverse().map(({ event, timestamp, value, reason }) => (
          <tr key={`${event} ${timestamp}`}>
            <td>
              <span class="with-icon">
                <Icon name={event === 'alert.triggered' ? 'alert' : 'check'} />
                {event === 'alert.triggered' ? 'fired' : 'resolved'}
                {reason !== undefined && ` ${REASONS[reason]}`}
              </span>
            </td>
            <td>
              <Time time={timestamp} timezone={timezone} />
            </td>
            <td class="number reading">{value === null ? '–' : readingText(value, undefined)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
