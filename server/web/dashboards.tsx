import { render } from 'preact';
import { Brand } from './base/brand.js';
import { Notices } from './base/notices.js';
import { ThemeSwitch } from './base/theme.js';

function Dashboards() {
  return (
    <>
      <header class="top-bar">
        <Brand page="dashboards" />
        <span class="rest" />
        <ThemeSwitch />
      </header>
      <main />
      <Notices />
    </>
  );
}

render(<Dashboards />, document.getElementById('page') as HTMLElement);
