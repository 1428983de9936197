import { computed, effect } from '@preact/signals';
import { render } from 'preact';
import { Brand } from './base/brand.js';
import { Failure } from './base/failure.js';
import { Icon } from './base/icon.js';
import { Notices } from './base/notices.js';
import { ThemeSwitch } from './base/theme.js';
import { AlongTheWay } from './playground/along-the-way.js';
import { KeyBox } from './playground/key-box.js';
import { introduceCurrent } from './playground/key-ring.js';
import { Navigation } from './playground/navigation.js';
import { OperationView } from './playground/operation-view.js';
import { listenToKeys, Shortcuts } from './playground/shortcuts.js';
import { documentFailure, isTour, loadDocument, operation, sections, TOUR } from './playground/state.js';
import { TourView } from './playground/tour/tour-view.js';

const shownId = computed(() => (isTour.value ? TOUR : operation.value?.id));

/** What comes next begins at its beginning. */
effect(() => {
  if (shownId.value !== undefined) scrollTo(0, 0);
});

function Playground() {
  return (
    <>
      <header class="top-bar">
        <Brand page="playground" />
        <span class="rest" />
        <KeyBox />
        <a
          class="button tour-link"
          href={`#${TOUR}`}
          aria-label="Run the tour"
          aria-current={isTour.value ? 'page' : undefined}
        >
          <Icon name="play" />
          <span>Run the tour</span>
        </a>
        <ThemeSwitch />
      </header>
      {documentFailure.value !== undefined && (
        <div class="document-failure">
          <Failure error={documentFailure.value} onRetry={loadDocument} />
        </div>
      )}
      {sections.value.length > 0 && (
        <div class="playground">
          <Navigation />
          <main>{isTour.value ? <TourView /> : <OperationView />}</main>
          <AlongTheWay />
        </div>
      )}
      <Shortcuts />
      <Notices />
    </>
  );
}

render(<Playground />, document.getElementById('page') as HTMLElement);
listenToKeys();
void loadDocument();
void introduceCurrent();
