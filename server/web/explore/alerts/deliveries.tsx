import { useState } from 'preact/hooks';
import { Failure } from '../../base/failure.js';
import { FormDialog } from '../../base/form.js';
import { notice } from '../../base/notices.js';
import type { Delivery } from '../answers.js';
import { useLoaded } from '../loaded.js';
import { Ago, Button, Table } from '../parts.js';
import { bucketPath, mayWrite } from '../props.js';
import type { RuleProps } from './rule.js';

const KINDS = { delivered: 'good', pending: 'warn', failed: 'bad', dropped: 'bad' } as const;

/** What was sent to the webhook of a rule, the last first. */
export function Deliveries(props: RuleProps) {
  const { api, rule, onRules } = props;
  const path = bucketPath(props, `/alerts/${rule._id}`);
  const [isRotating, setRotating] = useState(false);
  const { value, error, reload } = useLoaded(
    signal => api.all<Delivery>(`${path}/deliveries`, 'deliveries', { signal }),
    [api, rule._id],
  );
  const rotate = async () => {
    const answer = await api.post<{ webhookSecret: string }>(`${path}/webhook/rotate`, undefined);
    onRules(answer.webhookSecret);
  };
  return (
    <section class="part">
      <header class="view-header">
        <h3>Webhook</h3>
        {mayWrite(props) && <Button onClick={() => setRotating(true)}>New secret</Button>}
      </header>
      <p class="address">
        <code>{rule.webhookUrl}</code>
      </p>
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {value?.length === 0 && <p class="muted">Nothing was sent yet.</p>}
      {value !== undefined && value.length > 0 && (
        <DeliveryTable {...props} deliveries={value} path={path} reload={reload} />
      )}
      {isRotating && (
        <FormDialog
          title="Make a new secret?"
          action="Make a new secret"
          onSubmit={rotate}
          onClose={() => setRotating(false)}
        >
          <p>The one before it signs too for 24 hours, so that the receiver can change over.</p>
        </FormDialog>
      )}
    </section>
  );
}

function DeliveryTable(
  props: RuleProps & {
    readonly deliveries: readonly Delivery[];
    readonly path: string;
    readonly reload: () => void;
  },
) {
  const { api, deliveries, path, reload, timezone } = props;
  const [error, setError] = useState<unknown>();
  const replay = (id: string) => {
    setError(undefined);
    api.post(`${path}/deliveries/${id}/replay`, undefined).then(() => {
      notice('It is sent again');
      reload();
    }, setError);
  };
  return (
    <>
      {error !== undefined && <Failure error={error} />}
      <Table name="Deliveries">
        <thead>
          <tr>
            <th>Created</th>
            <th>Event</th>
            <th>Status</th>
            <th class="wide-only">Last attempt</th>
            {mayWrite(props) && <th aria-label="Actions" />}
          </tr>
        </thead>
        <tbody>
          {[...deliveries].reverse().map(delivery => (
            <tr key={delivery._id}>
              <td>
                <Ago time={delivery.createdAt} timezone={timezone} />
              </td>
              <td>{delivery.event === 'alert.triggered' ? 'fired' : 'resolved'}</td>
              <td>
                <span class={`badge ${KINDS[delivery.status]}`}>{delivery.status}</span>
                {delivery.reason !== null && <div class="muted small">{delivery.reason}</div>}
              </td>
              <td class="wide-only muted small">{attemptText(delivery)}</td>
              {mayWrite(props) && (
                <td class="number">
                  <Button onClick={() => replay(delivery._id)}>Resend</Button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </Table>
    </>
  );
}

function attemptText({ attempts }: Delivery): string {
  const last = attempts.at(-1);
  if (last === undefined) return 'none yet';
  const answer = last.statusCode === null ? (last.error ?? 'no answer') : `answered ${last.statusCode}`;
  return `${answer}, after ${last.durationMs} ms (attempt ${attempts.length})`;
}
