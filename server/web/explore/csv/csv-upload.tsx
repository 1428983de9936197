import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure } from '../../base/failure.js';
import { Icon } from '../../base/icon.js';
import type { ListedSource } from '../answers.js';
import { Button } from '../parts.js';
import { bucketPath, type ExploreProps } from '../props.js';
import { newFields } from './mapping.js';
import { MappingForm } from './mapping-form.js';
import { type OpenedFile, openFile } from './opened-file.js';
import { type UploadState, uploadCsv } from './upload.js';
import { UploadProgress } from './upload-progress.js';

type Stage =
  | { readonly kind: 'none'; readonly error?: unknown }
  | { readonly kind: 'mapping'; readonly opened: OpenedFile }
  | { readonly kind: 'sending'; readonly opened: OpenedFile; readonly stop: () => void }
  | {
      readonly kind: 'done';
      readonly opened: OpenedFile;
      readonly error?: unknown;
      readonly isStopped: boolean;
    };

const NOTHING_DONE: UploadState = { storedCount: 0, refusedCount: 0, refused: [], bytesDone: 0 };

/** Points of a source from a CSV file: dropped, mapped, sent, and accounted for line by line. */
export function CsvUpload(
  props: ExploreProps & { readonly source: ListedSource; readonly onStored: () => void },
) {
  const { source, onStored } = props;
  const [stage, setStage] = useState<Stage>({ kind: 'none' });
  const [state, setState] = useState(NOTHING_DONE);
  const running = useRef<AbortController>(undefined);
  // Whoever leaves the view sees no progress any more: what was stored stays, and nothing follows unseen.
  useEffect(() => () => running.current?.abort(), []);
  const open = (file: File) => {
    openFile(file, source.schema).then(
      opened => setStage({ kind: 'mapping', opened }),
      error => setStage({ kind: 'none', error }),
    );
  };
  const send = async (opened: OpenedFile) => {
    const controller = new AbortController();
    running.current = controller;
    setState(NOTHING_DONE);
    setStage({ kind: 'sending', opened, stop: () => controller.abort() });
    let error: unknown;
    try {
      await sendFile(props, opened, controller.signal, setState);
    } catch (caught) {
      error = caught;
    }
    setStage({ kind: 'done', opened, error, isStopped: controller.signal.aborted });
    onStored();
  };
  return (
    <section class="part" aria-labelledby="upload">
      <h2 id="upload">CSV upload</h2>
      {stage.kind === 'none' && <DropZone onFile={open} />}
      {stage.kind === 'none' && stage.error !== undefined && <Failure error={stage.error} />}
      {stage.kind === 'mapping' && (
        <MappingForm
          opened={stage.opened}
          fields={source.schema}
          onOpened={opened => setStage({ kind: 'mapping', opened })}
          onSend={() => void send(stage.opened)}
          onCancel={() => setStage({ kind: 'none' })}
        />
      )}
      {(stage.kind === 'sending' || stage.kind === 'done') && (
        <UploadProgress
          file={stage.opened.file}
          state={state}
          isStopped={stage.kind === 'done' && stage.isStopped}
          error={stage.kind === 'done' ? stage.error : undefined}
          onStop={stage.kind === 'sending' ? stage.stop : undefined}
        />
      )}
      {stage.kind === 'done' && (
        <Button onClick={() => setStage({ kind: 'none' })}>Upload another file</Button>
      )}
    </section>
  );
}

async function sendFile(
  props: ExploreProps & { readonly source: ListedSource },
  { file, separator, mapping }: OpenedFile,
  signal: AbortSignal,
  onState: (state: UploadState) => void,
): Promise<void> {
  const { api, bucket, source } = props;
  // Declared first, so that every row is held to what was chosen here.
  const schema = newFields(mapping, source.schema);
  if (Object.keys(schema).length > 0) {
    await api.patch(bucketPath(props, `/sources/${source._id}`), { schema });
  }
  await uploadCsv({
    file,
    separator,
    mapping,
    signal,
    onState,
    store: async (rows, idempotencyKey) => {
      const dataPoints = rows.map(({ timestamp, values }) => ({
        dataSourceId: source._id,
        timestamp,
        values,
      }));
      const headers = { 'Idempotency-Key': idempotencyKey };
      await api.post('/api/data/batch', { bucketId: bucket._id, dataPoints }, { headers });
    },
  });
}

const HINT = 'The first line names the columns. UTF-8, with commas, semicolons, tabs or bars; of any size.';

function DropZone({ onFile }: { readonly onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file !== undefined) onFile(file);
  };
  return (
    <section
      class="drop-zone"
      aria-label="Drop a CSV file"
      data-over={isOver}
      onDragOver={event => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={event => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <Icon name="upload" />
      <p>
        Drop a CSV file here, or{' '}
        <button type="button" class="button" onClick={() => input.current?.click()}>
          Choose a file
        </button>
      </p>
      <p class="muted small">{HINT}</p>
      <input
        ref={input}
        type="file"
        class="visually-hidden"
        aria-label="CSV file"
        tabIndex={-1}
        accept=".csv,.tsv,.txt,text/csv"
        onChange={event => take(event.currentTarget.files)}
      />
    </section>
  );
}
