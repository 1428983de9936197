import { Failure } from '../../base/failure.js';
import { Button, Table } from '../parts.js';
import { REFUSALS_KEPT_MAX, type UploadState } from './upload.js';

/** How far it is, what was stored, and which lines were not. */
export function UploadProgress(props: {
  readonly file: File;
  readonly state: UploadState;
  readonly isStopped: boolean;
  readonly error: unknown;
  /** Undefined when it is over. */
  readonly onStop: (() => void) | undefined;
}) {
  const { file, state, isStopped, error, onStop } = props;
  const { storedCount, refusedCount, bytesDone } = state;
  const share = file.size === 0 ? 1 : bytesDone / file.size;
  const isOver = onStop === undefined;
  const end = isStopped ? 'Stopped.' : 'Done.';
  const heading = isOver ? (error === undefined ? end : 'It could not go on.') : 'Uploading …';
  return (
    <div class="mapping">
      <p>
        <strong>{file.name}</strong>
      </p>
      <progress value={share} max={1} aria-label={`Upload of ${file.name}`} />
      <p role="status">
        {heading} {counted(storedCount, 'row')} stored, {counted(refusedCount, 'line')} refused
        {!isOver && `, ${Math.floor(share * 100)} %`}
      </p>
      {onStop !== undefined && <Button onClick={onStop}>Stop</Button>}
      {error !== undefined && <Failure error={error} />}
      {isOver && storedCount > 0 && (isStopped || error !== undefined) && (
        <p class="muted">What was stored stays. To upload the same file again would store it twice.</p>
      )}
      {refusedCount > 0 && <RefusedLines state={state} />}
    </div>
  );
}

/** `1 line`, `2 lines` */
function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

const LINES_SHOWN_MAX = 100;

function RefusedLines({ state }: { readonly state: UploadState }) {
  const { refused, refusedCount } = state;
  const text = refused.map(({ line, reason }) => `${line}\t${reason}`).join('\n');
  const save = () => {
    const url = URL.createObjectURL(new Blob([`line\treason\n${text}\n`], { type: 'text/plain' }));
    const link = Object.assign(document.createElement('a'), { href: url, download: 'refused-lines.txt' });
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <h3>Refused lines</h3>
      <Table name="Refused lines">
        <thead>
          <tr>
            <th>Line</th>
            <th>Reason</th>
          </tr>
        </thead>
        <tbody>
          {refused.slice(0, LINES_SHOWN_MAX).map(({ line, reason }) => (
            <tr key={line}>
              <td>{line}</td>
              <td>{reason}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      {refusedCount > LINES_SHOWN_MAX && (
        <p class="muted">
          {LINES_SHOWN_MAX} of {refusedCount} are shown.{' '}
          <button type="button" class="button" onClick={save}>
            Save the first {Math.min(refusedCount, REFUSALS_KEPT_MAX)}
          </button>
        </p>
      )}
    </>
  );
}
