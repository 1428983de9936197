import { viewHash } from '../../board/location.js';
import type { ExploreProps } from '../props.js';
import { RuleList } from './rule-list.js';

/** The rules of the bucket, or of one source. */
export function Alerts(props: ExploreProps) {
  return (
    <>
      {props.id !== undefined && (
        <p class="small">
          Of one source. <a href={viewHash('alerts')}>All alert rules</a>
        </p>
      )}
      <RuleList {...props} sourceId={props.id} heading="h1" />
    </>
  );
}
