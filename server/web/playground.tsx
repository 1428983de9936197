import { render } from 'preact';
import { Brand } from './base/brand.js';
import { Notices } from './base/notices.js';
import { ThemeSwitch } from './base/theme.js';

function Playground() {
  return (
    <>
      <header class="top-bar">
        <Brand page="playground" />
        <span class="rest" />
        <ThemeSwitch />
      </header>
      <main />
      <Notices />
    </>
  );
}

render(<Playground />, document.getElementById('page') as HTMLElement);
