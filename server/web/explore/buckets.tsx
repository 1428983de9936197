import { useState } from 'preact/hooks';
import { Failure } from '../base/failure.js';
import type { Bucket } from '../base/types.js';
import { BucketDialog, DeleteBucketDialog } from './bucket-form.js';
import { Pager, SearchBox } from './list.js';
import { useLoaded } from './loaded.js';
import { found, pageOf } from './paging.js';
import { Ago, Button, Skeleton, Table } from './parts.js';
import type { ExploreProps } from './props.js';

type Open = { readonly kind: 'new' } | { readonly kind: 'edit' | 'delete'; readonly bucket: Bucket };

export function Buckets(props: ExploreProps) {
  const { api, onChanged } = props;
  const [open, setOpen] = useState<Open>();
  const [search, setSearch] = useState('');
  const [page, setPage] = useState(0);
  const { value, error, reload } = useLoaded(
    signal => api.all<Bucket>('/api/buckets', 'buckets', { signal }),
    [api],
  );
  const close = () => setOpen(undefined);
  const changed = () => {
    reload();
    onChanged('buckets');
  };
  const shown = pageOf(
    found(value ?? [], search, ({ name, description }) => [name, description ?? '']),
    page,
  );
  return (
    <>
      <header class="view-header">
        <h1>Buckets</h1>
        <Button icon="add" kind="primary" onClick={() => setOpen({ kind: 'new' })}>
          Create bucket
        </Button>
      </header>
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {value === undefined && error === undefined && <Skeleton />}
      {value !== undefined && value.length > 10 && (
        <SearchBox label="Search buckets" value={search} onValue={setSearch} />
      )}
      {shown.count > 0 && <BucketTable {...props} buckets={shown.items} onOpen={setOpen} />}
      {value !== undefined && shown.count === 0 && <p class="muted">No bucket has all of that.</p>}
      <Pager shown={shown} onPage={setPage} />
      {open?.kind === 'new' && <BucketDialog {...props} onClose={close} onSaved={changed} />}
      {open?.kind === 'edit' && (
        <BucketDialog {...props} edited={open.bucket} onClose={close} onSaved={changed} />
      )}
      {open?.kind === 'delete' && (
        <DeleteBucketDialog {...props} deleted={open.bucket} onClose={close} onDeleted={changed} />
      )}
    </>
  );
}

function BucketTable(
  props: ExploreProps & {
    readonly buckets: readonly Bucket[];
    readonly onOpen: (open: Open) => void;
  },
) {
  const { buckets, bucket: current, timezone, onOpen } = props;
  return (
    <Table name="Buckets">
      <thead>
        <tr>
          <th>Name</th>
          <th>Keeps points</th>
          <th class="wide-only">Created</th>
          <th aria-label="Actions" />
        </tr>
      </thead>
      <tbody>
        {buckets.map(bucket => (
          <tr key={bucket._id}>
            <td>
              <a href={`/?bucket=${bucket._id}`}>{bucket.name}</a>{' '}
              {bucket._id === current._id && <span class="badge">open</span>}{' '}
              {bucket.status === 'archived' && <span class="badge">archived</span>}
              {bucket.description !== null && <div class="muted small">{bucket.description}</div>}
            </td>
            <td>{bucket.retentionDays === null ? 'for ever' : `${bucket.retentionDays} days`}</td>
            <td class="wide-only">
              <Ago time={bucket.createdAt} timezone={timezone} />
            </td>
            <td class="number">
              <div class="actions">
                <Button label={`Edit ${bucket.name}`} onClick={() => onOpen({ kind: 'edit', bucket })}>
                  Edit
                </Button>
                <Button
                  kind="danger"
                  label={`Delete ${bucket.name}`}
                  onClick={() => onOpen({ kind: 'delete', bucket })}
                >
                  Delete
                </Button>
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
