import { useMemo, useState } from 'preact/hooks';
import { Failure } from '../../base/failure.js';
import type { AlertRule, DataSource } from '../../base/types.js';
import { Pager, SearchBox } from '../list.js';
import { useLoaded } from '../loaded.js';
import { found, PAGE_ITEMS, pageOf } from '../paging.js';
import { Button, Empty, Skeleton } from '../parts.js';
import { bucketPath, type ExploreProps, mayWrite } from '../props.js';
import { SecretDialog } from '../secret.js';
import { Rule } from './rule.js';
import { RuleDialog } from './rule-form.js';
import { stateWords } from './rule-words.js';

/** Those that want to be looked at come first. */
const ORDER = ['firing', 'no_data', 'pending', 'cooldown', 'ok', 'paused'];

interface RuleListProps extends ExploreProps {
  /** Undefined for all of the bucket. */
  readonly sourceId?: string;
  readonly heading: 'h1' | 'h2';
}

export function RuleList(props: RuleListProps) {
  const { api, bucket, sourceId, heading: Heading, onChanged } = props;
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string>();
  const { value, error, reload } = useLoaded(
    async signal => {
      const [rules, sources] = await Promise.all([
        api.all<AlertRule>(bucketPath(props, '/alerts'), 'alertRules', { signal }),
        api.all<DataSource>(bucketPath(props, '/sources'), 'dataSources', { signal }),
      ]);
      return { rules, sources };
    },
    [api, bucket._id],
  );
  const rules = value?.rules.filter(rule => sourceId === undefined || rule.dataSourceId === sourceId);
  const changed = (newSecret?: string) => {
    setSecret(newSecret);
    reload();
    onChanged('alerts');
  };
  const mayAdd = mayWrite(props) && value !== undefined && value.sources.length > 0;
  const add = mayAdd && (
    <Button icon="add" kind={Heading === 'h1' ? 'primary' : undefined} onClick={() => setAdding(true)}>
      Add rule
    </Button>
  );
  return (
    <section class="part" aria-labelledby="rules">
      <header class="view-header">
        <Heading id="rules">Alert rules</Heading>
        {(Heading === 'h2' || rules?.length !== 0) && add}
      </header>
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {rules === undefined && error === undefined && <Skeleton />}
      {rules?.length === 0 && Heading === 'h2' && <p class="muted">None watches this source.</p>}
      {rules?.length === 0 && Heading === 'h1' && (
        <Empty title="No alert rules yet">
          <p class="muted">A rule is a sentence, such as “temperature is greater than 30 for 5 minutes”.</p>
          {add}
        </Empty>
      )}
      {rules !== undefined && rules.length > 0 && (
        <Rules {...props} rules={rules} sources={value?.sources ?? []} onRules={changed} />
      )}
      {isAdding && value !== undefined && (
        <RuleDialog {...props} sources={value.sources} onClose={() => setAdding(false)} onSaved={changed} />
      )}
      {secret !== undefined && <WebhookSecret secret={secret} onClose={() => setSecret(undefined)} />}
    </section>
  );
}

function WebhookSecret({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  return (
    <SecretDialog
      title="Webhook secret"
      what="Secret"
      secret={secret}
      note="It signs what the webhook gets, after Standard Webhooks. It is shown now and never again."
      onClose={onClose}
    />
  );
}

function Rules(
  props: RuleListProps & {
    readonly rules: readonly AlertRule[];
    readonly sources: readonly DataSource[];
    readonly onRules: (secret?: string) => void;
  },
) {
  const { rules, sources, sourceId } = props;
  const [search, setSearch] = useState('');
  const [page, setPage] = useState(0);
  const sourcesById = useMemo(() => new Map(sources.map(source => [source._id, source])), [sources]);
  const ordered = useMemo(() => {
    const texts = (rule: AlertRule) => [
      rule.name,
      rule.condition,
      stateWords(rule.state).text,
      sourcesById.get(rule.dataSourceId)?.name ?? '',
    ];
    const matching = [...found(rules, search, texts)];
    return matching.sort((one, two) => ORDER.indexOf(one.state) - ORDER.indexOf(two.state));
  }, [rules, search, sourcesById]);
  const shown = pageOf(ordered, page);
  return (
    <>
      {rules.length > PAGE_ITEMS / 5 && (
        <SearchBox label="Search rules, sources and states" value={search} onValue={setSearch} />
      )}
      {shown.count === 0 && <p class="muted">No rule has all of that.</p>}
      <ul class="rules">
        {shown.items.map(rule => (
          <Rule
            key={rule._id}
            {...props}
            rule={rule}
            source={sourcesById.get(rule.dataSourceId)}
            hasSourceName={sourceId === undefined}
          />
        ))}
      </ul>
      <Pager shown={shown} onPage={setPage} />
    </>
  );
}
