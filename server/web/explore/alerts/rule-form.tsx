import { useState } from 'preact/hooks';
import { FormDialog, TextField } from '../../base/form.js';
import type { AlertRule, DataSource } from '../../base/types.js';
import { found } from '../paging.js';
import { bucketPath, type ExploreProps } from '../props.js';
import { SentenceField } from './sentence.js';

const COOLDOWN_MINUTES = 5;
const OPTIONS_MAX = 100;

/** A new rule, or another version of one. */
export function RuleDialog(
  props: ExploreProps & {
    readonly sources: readonly DataSource[];
    /** The one that the rule is for; chosen where it is not given. */
    readonly sourceId?: string;
    readonly rule?: AlertRule;
    readonly onSaved: (secret?: string) => void;
    readonly onClose: () => void;
  },
) {
  const { api, bucket, sources, rule, onSaved, onClose } = props;
  const given = rule?.dataSourceId ?? props.sourceId;
  const [sourceId, setSourceId] = useState(given ?? sources[0]._id);
  const [name, setName] = useState(rule?.name ?? '');
  const [condition, setCondition] = useState(rule?.condition ?? '');
  const [webhookUrl, setWebhookUrl] = useState(rule?.webhookUrl ?? '');
  const [cooldown, setCooldown] = useState(String(rule?.cooldownMinutes ?? COOLDOWN_MINUTES));
  const save = async () => {
    const body = { name, condition, webhookUrl: webhookUrl || null, cooldownMinutes: Number(cooldown) };
    const answer =
      rule === undefined
        ? await api.post<Saved>('/api/alerts', { bucketId: bucket._id, dataSourceId: sourceId, ...body })
        : await api.patch<Saved>(bucketPath(props, `/alerts/${rule._id}`), body);
    onSaved(answer.alertRule.webhookSecret);
  };
  return (
    <FormDialog
      title={rule === undefined ? 'Add an alert rule' : 'Edit alert rule'}
      action={rule === undefined ? 'Add rule' : 'Save'}
      onSubmit={save}
      onClose={onClose}
    >
      {given === undefined && <SourceChoice sources={sources} value={sourceId} onValue={setSourceId} />}
      <TextField label="Name" value={name} onValue={setName} required lengthMax={100} />
      <SentenceField
        api={api}
        bucketId={bucket._id}
        sourceId={sourceId}
        fields={Object.keys(sources.find(({ _id }) => _id === sourceId)?.schema ?? {})}
        timezone={props.timezone}
        value={condition}
        onValue={setCondition}
      />
      <TextField
        label="Minutes of silence after it has fired"
        type="number"
        value={cooldown}
        onValue={setCooldown}
        required
        min={0}
        max={10_080}
      />
      <TextField
        label="Webhook (optional)"
        type="url"
        value={webhookUrl}
        onValue={setWebhookUrl}
        lengthMax={2_048}
        hint="Told when the rule fires and when it is resolved"
      />
    </FormDialog>
  );
}

interface Saved {
  readonly alertRule: AlertRule & { readonly webhookSecret?: string };
}

/** Some of however many there are: those that are searched for. */
function SourceChoice(props: {
  readonly sources: readonly DataSource[];
  readonly value: string;
  readonly onValue: (id: string) => void;
}) {
  const { sources, value, onValue } = props;
  const [search, setSearch] = useState('');
  const isLong = sources.length > OPTIONS_MAX;
  const options = found(sources, search, ({ name }) => [name]).slice(0, OPTIONS_MAX);
  const chosen = sources.find(({ _id }) => _id === value);
  const hasChosen = chosen === undefined || options.includes(chosen);
  return (
    <>
      {isLong && (
        <TextField
          label="Search sources"
          value={search}
          onValue={setSearch}
          hint={`${sources.length} sources; at most ${OPTIONS_MAX} are offered`}
        />
      )}
      <label class="field">
        <span>Source</span>
        <select value={value} onChange={event => onValue(event.currentTarget.value)}>
          {(hasChosen ? options : [chosen, ...options]).map(({ _id, name }) => (
            <option key={_id} value={_id}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
