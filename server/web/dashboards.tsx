import { render } from 'preact';
import { Frame } from './board/frame.js';

render(<Frame />, document.getElementById('page') as HTMLElement);
