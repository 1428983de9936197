import { ApiFailure, messageOf } from './api.js';

/** What went wrong, in words, where it arose; with the way out, where there is a button for it. */
export function Failure({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const details = error instanceof ApiFailure ? error.details : [];
  return (
    <div class="failure" role="alert">
      <p>{messageOf(error)}</p>
      {details.length > 0 && (
        <ul>
          {details.map(({ path, message }) => (
            <li key={path.join('.')}>
              <code>{path.slice(1).join('.')}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {onRetry !== undefined && (
        <button type="button" class="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
