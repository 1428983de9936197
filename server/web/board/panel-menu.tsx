import type { RefObject } from 'preact';
import { messageOf } from '../base/api.js';
import { Icon } from '../base/icon.js';
import { notice } from '../base/notices.js';
import { Item, Popover } from '../base/popover.js';
import type { ChartHandle } from '../chart/model.js';
import { panels, setPanels } from './board.js';
import { saveBlob, tableCsv } from './export.js';
import { PANEL_HEIGHTS, PANELS_MAX, type Panel } from './panel.js';
import { moved, withCopy, withPanel } from './panels.js';
import { mayWrite } from './session.js';

export function PanelMenu(props: {
  readonly panel: Panel;
  readonly name: string;
  readonly chart: RefObject<ChartHandle>;
  readonly onEdit: () => void;
}) {
  const { panel, name, chart, onEdit } = props;
  const hasExport = panel.kind !== 'stat';
  if (!mayWrite.value && !hasExport) return null;
  return (
    <Popover
      class="icon-button panel-menu"
      side="right"
      label={`What to do with ${name}`}
      button={<Icon name="more" />}
    >
      {mayWrite.value && <Changes panel={panel} onEdit={onEdit} />}
      {hasExport && <Item onChoose={() => void saveCsv(panel, name, chart)}>Save as CSV</Item>}
      {panel.kind === 'chart' && <Item onChoose={() => void savePng(name, chart)}>Save as PNG</Item>}
      {mayWrite.value && (
        <Item
          isDanger
          onChoose={() => {
            setPanels(panels.peek().filter(({ id }) => id !== panel.id));
            notice('Removed. Back brings it back.');
          }}
        >
          Remove
        </Item>
      )}
    </Popover>
  );
}

function Changes({ panel, onEdit }: { readonly panel: Panel; readonly onEdit: () => void }) {
  const all = panels.value;
  const at = all.findIndex(({ id }) => id === panel.id);
  const change = (changed: Partial<Panel>) => setPanels(withPanel(panels.peek(), { ...panel, ...changed }));
  const move = (to: number) => setPanels(moved(panels.peek(), panel.id, to));
  return (
    <>
      <Item onChoose={onEdit}>Edit…</Item>
      {all.length < PANELS_MAX && (
        <Item onChoose={() => setPanels(withCopy(panels.peek(), panel))}>Duplicate</Item>
      )}
      {at > 0 && <Item onChoose={() => move(at - 1)}>Move up</Item>}
      {at < all.length - 1 && <Item onChoose={() => move(at + 1)}>Move down</Item>}
      <Item onChoose={() => change({ width: panel.width === 'half' ? 'full' : 'half' })}>
        {panel.width === 'half' ? 'Full width' : 'Half width'}
      </Item>
      {panel.kind !== 'stat' &&
        PANEL_HEIGHTS.filter(height => height !== panel.height).map(height => (
          <Item key={height} onChoose={() => change({ height })}>
            Make it {height}
          </Item>
        ))}
    </>
  );
}

async function saveCsv(panel: Panel, name: string, chart: RefObject<ChartHandle>): Promise<void> {
  try {
    const text = panel.kind === 'table' ? await tableCsv(panel) : await drawn(chart).csv();
    saveBlob(new Blob([text], { type: 'text/csv' }), `${name}.csv`);
  } catch (error) {
    notice(messageOf(error));
  }
}

async function savePng(name: string, chart: RefObject<ChartHandle>): Promise<void> {
  try {
    saveBlob(await drawn(chart).png(), `${name}.png`);
  } catch (error) {
    notice(messageOf(error));
  }
}

/** @throws where its sources are gone, or it is of none */
function drawn({ current }: RefObject<ChartHandle>): ChartHandle {
  if (current === null) throw new Error('Nothing is drawn yet');
  return current;
}
