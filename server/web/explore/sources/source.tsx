import { useState } from 'preact/hooks';
import { ApiFailure } from '../../base/api.js';
import { Failure } from '../../base/failure.js';
import { FormDialog } from '../../base/form.js';
import { countText } from '../../base/format.js';
import { notice } from '../../base/notices.js';
import { viewHash } from '../../board/location.js';
import { RuleList } from '../alerts/rule-list.js';
import type { ListedSource } from '../answers.js';
import { CsvUpload } from '../csv/csv-upload.js';
import { useLoaded } from '../loaded.js';
import { Ago, Button, Empty, Skeleton, Tile, Tiles } from '../parts.js';
import { bucketPath, type ExploreProps, mayWrite } from '../props.js';
import { Fields } from './fields.js';
import { lastValues } from './last-values.js';
import { EditSourceDialog } from './source-form.js';
import { rateText } from './source-list.js';

export function Source(props: ExploreProps & { readonly id: string }) {
  const { api, id } = props;
  const { value, error, reload } = useLoaded(
    signal => api.get<{ dataSource: ListedSource }>(bucketPath(props, `/sources/${id}`), { signal }),
    [api, id],
  );
  if (error instanceof ApiFailure && error.status === 404) {
    return (
      <Empty title="This source is not there any more">
        <a class="button" href={viewHash('sources')}>
          All sources
        </a>
      </Empty>
    );
  }
  return (
    <>
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {value === undefined && error === undefined && <Skeleton />}
      {value !== undefined && <Shown {...props} source={value.dataSource} reload={reload} />}
    </>
  );
}

type ShownProps = ExploreProps & { readonly source: ListedSource; readonly reload: () => void };

function Shown(props: ShownProps) {
  const { api, bucket, source, reload, timezone, onChanged } = props;
  const { stats } = source;
  const { value: values } = useLoaded(signal => lastValues(api, bucket._id, [source], signal), [api, source]);
  const saved = () => {
    reload();
    onChanged('sources');
  };
  const mayUpload = mayWrite(props) && source.status === 'active';
  return (
    <>
      <Header {...props} onSaved={saved} />
      <Tiles>
        <Tile name="Points" value={countText(stats.dataPointCount)} />
        <Tile name="Rate" value={rateText(stats.averageIntervalMs)} />
        <div class="tile">
          <dt>Last seen</dt>
          <dd>
            <strong>
              <Ago time={stats.lastDataPoint} timezone={timezone} />
            </strong>
          </dd>
        </div>
        <div class="tile">
          <dt>First point</dt>
          <dd>
            <strong>
              <Ago time={stats.firstDataPoint} timezone={timezone} />
            </strong>
          </dd>
        </div>
      </Tiles>
      <Fields {...props} values={values?.get(source._id) ?? {}} onSaved={saved} />
      <RuleList {...props} sourceId={source._id} heading="h2" />
      {mayUpload && <CsvUpload {...props} onStored={saved} />}
    </>
  );
}

function Header(props: ShownProps & { readonly onSaved: () => void }) {
  const { source } = props;
  const [open, setOpen] = useState<'edit' | 'delete'>();
  const close = () => setOpen(undefined);
  return (
    <header class="view-header">
      <div>
        <p class="small">
          <a href={viewHash('sources')}>Sources</a>
        </p>
        <h1>{source.name}</h1>
        <p class="muted">
          {source.type}
          {source.status === 'archived' && ' · archived: it takes no points'}
          {!source.downsampling && ' · long ranges are not averaged by themselves'}
        </p>
        {source.description !== null && <p>{source.description}</p>}
        <p class="small muted">
          <code>{source._id}</code>
        </p>
      </div>
      {mayWrite(props) && (
        <div class="actions">
          <Button icon="edit" onClick={() => setOpen('edit')}>
            Edit
          </Button>
          <Button icon="trash" kind="danger" onClick={() => setOpen('delete')}>
            Delete
          </Button>
        </div>
      )}
      {open === 'edit' && <EditSourceDialog {...props} onClose={close} />}
      {open === 'delete' && <DeleteDialog {...props} onClose={close} />}
    </header>
  );
}

function DeleteDialog(props: ShownProps & { readonly onClose: () => void }) {
  const { api, source, navigate, onChanged, onClose } = props;
  const remove = async () => {
    const path = bucketPath(props, `/sources/${source._id}`);
    const { deletedDataPoints } = await api.delete<{ deletedDataPoints: number }>(path);
    notice(`${source.name} deleted, with ${countText(deletedDataPoints)} points`);
    onChanged('sources');
    navigate('sources');
  };
  return (
    <FormDialog title="Delete this source?" action="Delete" isDanger onSubmit={remove} onClose={onClose}>
      <p>
        <strong>{source.name}</strong>, its {countText(source.stats.dataPointCount)} points and its alert
        rules are gone for good. To keep the points and take no more, archive it.
      </p>
    </FormDialog>
  );
}
