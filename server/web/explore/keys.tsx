import { useState } from 'preact/hooks';
import { Failure } from '../base/failure.js';
import { FormDialog, SelectField, TextField } from '../base/form.js';
import { notice } from '../base/notices.js';
import type { ApiKey } from '../base/types.js';
import { Pager } from './list.js';
import { useLoaded } from './loaded.js';
import { pageOf } from './paging.js';
import { Ago, Button, Empty, Skeleton, Table } from './parts.js';
import { bucketPath, type ExploreProps } from './props.js';
import { SecretDialog } from './secret.js';

export function Keys(props: ExploreProps) {
  const { api, bucket } = props;
  const [isAdding, setAdding] = useState(false);
  const [created, setCreated] = useState<ApiKey & { readonly key: string }>();
  const [page, setPage] = useState(0);
  const path = bucketPath(props, '/keys');
  const { value, error, reload } = useLoaded(
    signal => api.all<ApiKey>(path, 'apiKeys', { signal }),
    [api, bucket._id],
  );
  const add = (
    <Button icon="add" kind="primary" onClick={() => setAdding(true)}>
      Create key
    </Button>
  );
  const shown = pageOf(value ?? [], page);
  return (
    <>
      <header class="view-header">
        <h1>Keys of {bucket.name}</h1>
        {value !== undefined && value.length > 0 && add}
      </header>
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {value === undefined && error === undefined && <Skeleton />}
      {value?.length === 0 && (
        <Empty title="No keys yet">
          <p class="muted">Write keys send and read points of this bucket, Read keys read them.</p>
          {add}
        </Empty>
      )}
      {shown.count > 0 && <KeyTable {...props} keys={shown.items} onChange={reload} />}
      <Pager shown={shown} onPage={setPage} />
      {isAdding && (
        <NewKeyDialog
          {...props}
          onClose={() => setAdding(false)}
          onCreated={key => {
            setCreated(key);
            reload();
          }}
        />
      )}
      {created !== undefined && (
        <SecretDialog
          title={`Key ${created.name}`}
          what="Key"
          secret={created.key}
          note="The key is shown now and never again: only its hash is kept."
          onClose={() => setCreated(undefined)}
        />
      )}
    </>
  );
}

function KeyTable(props: ExploreProps & { readonly keys: readonly ApiKey[]; readonly onChange: () => void }) {
  const { api, keys, timezone, onChange } = props;
  const [revoked, setRevoked] = useState<ApiKey>();
  const revoke = async () => {
    await api.delete(bucketPath(props, `/keys/${revoked?._id}`));
    notice(`${revoked?.name} revoked`);
    onChange();
  };
  return (
    <>
      <Table name="Keys">
        <thead>
          <tr>
            <th>Name</th>
            <th>Type</th>
            <th class="wide-only">Begins with</th>
            <th class="wide-only">Created</th>
            <th>Last used</th>
            <th aria-label="Actions" />
          </tr>
        </thead>
        <tbody>
          {keys.map(key => (
            <tr key={key._id}>
              <td>{key.name}</td>
              <td>{key.type}</td>
              <td class="wide-only">
                <code>{key.keyPrefix}</code>
              </td>
              <td class="wide-only">
                <Ago time={key.createdAt} timezone={timezone} />
              </td>
              <td>
                <Ago time={key.lastUsedAt} timezone={timezone} />
              </td>
              <td class="number">
                <Button kind="danger" label={`Revoke ${key.name}`} onClick={() => setRevoked(key)}>
                  Revoke
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
      {revoked !== undefined && (
        <FormDialog
          title="Revoke this key?"
          action="Revoke"
          isDanger
          onSubmit={revoke}
          onClose={() => setRevoked(undefined)}
        >
          <p>
            Whoever uses <strong>{revoked.name}</strong> (<code>{revoked.keyPrefix}</code>) is refused from
            now on. It cannot be taken back.
          </p>
        </FormDialog>
      )}
    </>
  );
}

const TYPES = [
  ['write', 'Write: sends points, and manages sources, rules and dashboards'],
  ['read', 'Read: looks at everything in the bucket'],
] as const;

function NewKeyDialog(
  props: ExploreProps & {
    readonly onCreated: (key: ApiKey & { readonly key: string }) => void;
    readonly onClose: () => void;
  },
) {
  const { api, onCreated, onClose } = props;
  const [name, setName] = useState('');
  const [type, setType] = useState<'write' | 'read'>('write');
  const create = async () => {
    const answer = await api.post<{ apiKey: ApiKey & { key: string } }>(bucketPath(props, '/keys'), {
      name,
      type,
    });
    onCreated(answer.apiKey);
  };
  return (
    <FormDialog title="Create a key" action="Create key" onSubmit={create} onClose={onClose}>
      <TextField
        label="Name"
        value={name}
        onValue={setName}
        required
        lengthMax={100}
        hint="Who will use it"
      />
      <SelectField label="Type" value={type} options={TYPES} onValue={setType} />
    </FormDialog>
  );
}
