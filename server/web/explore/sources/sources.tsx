import { useMemo, useState } from 'preact/hooks';
import { Failure } from '../../base/failure.js';
import { countText } from '../../base/format.js';
import { viewHash } from '../../board/location.js';
import type { ListedSource } from '../answers.js';
import { Pager, SearchBox, SortHeader } from '../list.js';
import { useLoaded } from '../loaded.js';
import { found, pageOf, type Sort, sorted } from '../paging.js';
import { Ago, Button, Empty, Skeleton, Table } from '../parts.js';
import { bucketPath, type ExploreProps, mayWrite } from '../props.js';
import { type LastValues, lastValues } from './last-values.js';
import { NewSourceDialog } from './source-form.js';
import { rateText, readingText, type SourceColumn, searchTexts, sortValue } from './source-list.js';

const VALUES_SHOWN_MAX = 4;

export function Sources(props: ExploreProps) {
  const { api, bucket, navigate, onChanged } = props;
  const [isAdding, setAdding] = useState(false);
  const loaded = useLoaded(
    signal => api.all<ListedSource>(bucketPath(props, '/sources?stats=true'), 'dataSources', { signal }),
    [api, bucket._id],
  );
  const { value: sources, error, reload } = loaded;
  const add = mayWrite(props) && (
    <Button icon="add" kind="primary" onClick={() => setAdding(true)}>
      Add source
    </Button>
  );
  return (
    <>
      <header class="view-header">
        <h1>Sources</h1>
        {sources !== undefined && sources.length > 0 && add}
      </header>
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {sources === undefined && error === undefined && <Skeleton />}
      {sources?.length === 0 && (
        <Empty title="No sources yet">
          <p class="muted">A source is one thing that measures, with the fields it sends.</p>
          {add}
        </Empty>
      )}
      {sources !== undefined && sources.length > 0 && <SourceTable {...props} sources={sources} />}
      {isAdding && (
        <NewSourceDialog
          {...props}
          onClose={() => setAdding(false)}
          onCreated={source => {
            onChanged('sources');
            navigate('source', source._id);
          }}
        />
      )}
    </>
  );
}

function SourceTable(props: ExploreProps & { readonly sources: readonly ListedSource[] }) {
  const { api, bucket, sources, timezone } = props;
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<Sort<SourceColumn>>({ column: 'name', isDescending: false });
  const [page, setPage] = useState(0);
  const ordered = useMemo(
    () => sorted(found(sources, search, searchTexts), one => sortValue(one, sort.column), sort.isDescending),
    [sources, search, sort],
  );
  const shown = pageOf(ordered, page);
  // Asked for what is shown only, and again whenever the list is.
  const { value: values } = useLoaded(
    signal => lastValues(api, bucket._id, shown.items, signal),
    [sources, shown.items.map(({ _id }) => _id).join()],
  );
  const header = { sort, onSort: setSort };
  return (
    <>
      <SearchBox
        label="Search names, types and fields"
        value={search}
        onValue={text => {
          setSearch(text);
          setPage(0);
        }}
      />
      {shown.count === 0 && <p class="muted">No source has all of that in its name, type or fields.</p>}
      {shown.count > 0 && (
        <Table name="Sources">
          <thead>
            <tr>
              <SortHeader name="Name" column="name" {...header} />
              <th>Last value</th>
              <SortHeader name="Last seen" column="lastSeen" isNumber {...header} />
              <SortHeader name="Rate" column="rate" isNumber class="wide-only" {...header} />
              <SortHeader name="Points" column="points" isNumber class="wide-only" {...header} />
            </tr>
          </thead>
          <tbody>
            {shown.items.map(source => (
              <SourceRow key={source._id} source={source} values={values} timezone={timezone} />
            ))}
          </tbody>
        </Table>
      )}
      <Pager shown={shown} onPage={setPage} />
    </>
  );
}

function SourceRow(props: {
  readonly source: ListedSource;
  readonly values: LastValues | undefined;
  readonly timezone: string;
}) {
  const { source, values, timezone } = props;
  const { _id, name, type, status, schema, stats } = source;
  const last = Object.entries(values?.get(_id) ?? {});
  return (
    <tr>
      <td>
        <a href={viewHash('source', _id)}>{name}</a>{' '}
        {status === 'archived' && <span class="badge">archived</span>}
        <div class="muted small">{type}</div>
      </td>
      <td>
        <ul class="readings">
          {last.slice(0, VALUES_SHOWN_MAX).map(([field, value]) => (
            <li key={field}>
              <span class="muted small">{field}</span>{' '}
              <span class="reading">{readingText(value, schema[field]?.unit)}</span>
            </li>
          ))}
          {last.length > VALUES_SHOWN_MAX && (
            <li class="muted small">and {last.length - VALUES_SHOWN_MAX} more</li>
          )}
          {last.length === 0 && values !== undefined && <li class="muted small">{fieldsText(source)}</li>}
        </ul>
      </td>
      <td class="number">
        <Ago time={stats.lastDataPoint} timezone={timezone} />
      </td>
      <td class="number wide-only">{rateText(stats.averageIntervalMs)}</td>
      <td class="number wide-only">{countText(stats.dataPointCount)}</td>
    </tr>
  );
}

function fieldsText({ schema }: ListedSource): string {
  const names = Object.keys(schema);
  const more = names.length > VALUES_SHOWN_MAX ? ' …' : '';
  return names.length === 0 ? 'no fields yet' : names.slice(0, VALUES_SHOWN_MAX).join(', ') + more;
}
