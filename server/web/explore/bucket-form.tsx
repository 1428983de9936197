import { useState } from 'preact/hooks';
import { Failure } from '../base/failure.js';
import { CheckField, FormDialog, TextField } from '../base/form.js';
import { countText } from '../base/format.js';
import { notice } from '../base/notices.js';
import type { Bucket } from '../base/types.js';
import { useLoaded } from './loaded.js';
import type { ExploreProps } from './props.js';

/** A new bucket, or another version of one. */
export function BucketDialog(
  props: ExploreProps & {
    readonly edited?: Bucket;
    readonly onSaved: () => void;
    readonly onClose: () => void;
  },
) {
  const { api, edited, onSaved, onClose } = props;
  const [name, setName] = useState(edited?.name ?? '');
  const [description, setDescription] = useState(edited?.description ?? '');
  const [days, setDays] = useState(edited?.retentionDays == null ? '' : String(edited.retentionDays));
  const [isArchived, setArchived] = useState(edited?.status === 'archived');
  const save = async () => {
    const retentionDays = days === '' ? null : Number(days);
    const body = { name, description: description || null, retentionDays };
    if (edited === undefined) await api.post('/api/buckets', body);
    else {
      const status = isArchived ? 'archived' : 'active';
      await api.patch(`/api/buckets/${edited._id}`, { ...body, status });
    }
    onSaved();
  };
  return (
    <FormDialog
      title={edited === undefined ? 'Create a bucket' : 'Edit bucket'}
      action={edited === undefined ? 'Create bucket' : 'Save'}
      onSubmit={save}
      onClose={onClose}
    >
      <TextField label="Name" value={name} onValue={setName} required lengthMax={100} />
      <TextField label="Description" value={description} onValue={setDescription} lengthMax={2_000} />
      <TextField
        label="Days for which points are kept"
        type="number"
        value={days}
        onValue={setDays}
        min={1}
        max={3_650}
        hint="Empty: for ever. Older points leave the disk, and do not come back."
      />
      {edited !== undefined && (
        <CheckField
          label="Archived: it can be read, and takes no points"
          value={isArchived}
          onValue={setArchived}
        />
      )}
    </FormDialog>
  );
}

interface BucketStats {
  readonly dataSourceCount: number;
  readonly dataPointCount: number;
  readonly apiKeyCount: number;
}

export function DeleteBucketDialog(
  props: ExploreProps & {
    readonly deleted: Bucket;
    readonly onDeleted: () => void;
    readonly onClose: () => void;
  },
) {
  const { api, deleted, onDeleted, onClose } = props;
  const [typed, setTyped] = useState('');
  const { value, error } = useLoaded(
    signal => api.get<{ bucket: { stats: BucketStats } }>(`/api/buckets/${deleted._id}`, { signal }),
    [deleted._id],
  );
  const remove = async () => {
    if (typed !== deleted.name) throw new Error('That is not its name.');
    await api.delete(`/api/buckets/${deleted._id}`);
    notice(`${deleted.name} deleted`);
    onDeleted();
  };
  const stats = value?.bucket.stats;
  return (
    <FormDialog title="Delete this bucket?" action="Delete" isDanger onSubmit={remove} onClose={onClose}>
      {error !== undefined && <Failure error={error} />}
      <p>
        <strong>{deleted.name}</strong> is gone for good
        {stats !== undefined &&
          `, with ${countText(stats.dataPointCount)} points of ${stats.dataSourceCount} sources, ${stats.apiKeyCount} keys`}
        , and all its alert rules and dashboards.
      </p>
      <TextField label="Its name, to be sure" value={typed} onValue={setTyped} required />
    </FormDialog>
  );
}
