/** The chart as a picture to send: with its title, its lines by name, and the line that says how it was made. */
import type { Colours } from './colours.js';
import { shortened } from './marks.js';

export interface Printed {
  readonly canvas: HTMLCanvasElement;
  readonly colours: Colours;
  readonly title: string;
  /** Names with their values, where they do not stand at the ends of lines. */
  readonly legend: readonly { readonly text: string; readonly colour: string }[];
  readonly made: string;
}

const PADDING = 16;
const LINE = 20;

export function pngOf({ canvas, colours, title, legend, made }: Printed): Promise<Blob> {
  const ratio = canvas.width / canvas.clientWidth || 1;
  const head = (title === '' ? 0 : LINE + 8) + (legend.length === 0 ? 0 : LINE);
  const sheet = document.createElement('canvas');
  sheet.width = canvas.width + 2 * PADDING * ratio;
  sheet.height = canvas.height + (2 * PADDING + head + LINE) * ratio;
  const context = sheet.getContext('2d') as CanvasRenderingContext2D;
  context.fillStyle = colours.background;
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.textBaseline = 'top';
  const [left, room] = [PADDING * ratio, canvas.width];
  let top = PADDING * ratio;
  const font = (size: number, weight = 400) => `${weight} ${size * ratio}px ${colours.font}`;
  if (title !== '') {
    context.font = font(16, 600);
    context.fillStyle = colours.foreground;
    context.fillText(shortened(context, title, room), left, top);
    top += (LINE + 8) * ratio;
  }
  if (legend.length > 0) {
    context.font = font(12);
    let x = left;
    for (const { text, colour } of legend) {
      context.fillStyle = colour;
      context.fillRect(x, top + 6 * ratio, 8 * ratio, 2 * ratio);
      context.fillStyle = colours.foreground;
      const short = shortened(context, text, Math.max(0, left + room - x - 14 * ratio));
      context.fillText(short, x + 14 * ratio, top);
      x += context.measureText(short).width + 30 * ratio;
    }
    top += LINE * ratio;
  }
  context.drawImage(canvas, left, top);
  context.font = font(12);
  context.fillStyle = colours.muted;
  context.fillText(shortened(context, made, room), left, top + canvas.height + 4 * ratio);
  return new Promise((resolve, reject) => {
    sheet.toBlob(blob =>
      blob === null ? reject(new Error('There is no room for the picture')) : resolve(blob),
    );
  });
}
