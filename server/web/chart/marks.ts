/** What is drawn on the plot beside the lines: thresholds, firings, and labels at the ends of lines. */
import type { Colours } from './colours.js';
import { translucent } from './colours.js';
import { placeLabels } from './labels.js';
import type { Firing, Threshold } from './model.js';

/** Of the plot in pixels of the canvas, and how values become some. */
export interface Ground {
  readonly context: CanvasRenderingContext2D;
  readonly pixelRatio: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly colours: Colours;
  x(time: number): number;
  y(value: number): number;
}

const TEXT_SIZE = 12;

export function textFont({ colours, pixelRatio }: Pick<Ground, 'colours' | 'pixelRatio'>): string {
  return `${TEXT_SIZE * pixelRatio}px ${colours.font}`;
}

/** Spans shaded, with a bar on the axis and a triangle where each begins: not by colour alone. */
export function drawFirings(ground: Ground, firings: readonly Firing[], now: number): void {
  const { context, left, top, width, height, pixelRatio, colours } = ground;
  const right = left + width;
  for (const { from, to } of firings) {
    const begin = Math.max(left, ground.x(from));
    // What fires now has not yet fired later.
    const end = Math.min(right, Math.max(ground.x(to ?? now), ground.x(from) + pixelRatio));
    if (begin > right || end < left) continue;
    context.fillStyle = translucent(colours.bad, 0.08);
    context.fillRect(begin, top, end - begin, height);
    context.fillStyle = colours.bad;
    context.fillRect(begin, top + height - 3 * pixelRatio, end - begin, 3 * pixelRatio);
    if (ground.x(from) >= left) triangle(ground, begin, top + height - 3 * pixelRatio);
  }
}

function triangle({ context, pixelRatio }: Ground, x: number, bottom: number): void {
  const size = 5 * pixelRatio;
  context.beginPath();
  context.moveTo(x - size, bottom);
  context.lineTo(x + size, bottom);
  context.lineTo(x, bottom - size * 1.6);
  context.fill();
}

/** Dashed lines with their labels; where the value is out of the picture an arrow says in which direction. */
export function drawThresholds(ground: Ground, thresholds: readonly Threshold[]): void {
  const { context, left, top, width, height, pixelRatio } = ground;
  context.font = textFont(ground);
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  const lines = thresholds.map(({ value }) => ground.y(value));
  for (const [index, y] of lines.entries()) {
    if (y >= top && y <= top + height) dashedLine(ground, y, colourOf(ground, thresholds[index]));
  }
  const room = { top, bottom: top + height - FIRINGS_HEIGHT * pixelRatio };
  const labelHeight = LABEL_HEIGHT * pixelRatio;
  // Above their lines, where there is room.
  const wanted = lines.map(y =>
    y - labelHeight < top && y >= top ? y + labelHeight / 2 : y - labelHeight / 2,
  );
  const places = placeLabels(wanted, labelHeight, room);
  for (const [index, threshold] of thresholds.entries()) {
    const { label, state } = threshold;
    const arrow = lines[index] < top ? '↑ ' : lines[index] > top + height ? '↓ ' : '';
    const text = `${arrow}${state === 'firing' ? '▲ ' : ''}${label}`;
    const y = places?.[index] ?? wanted[index];
    drawText(ground, text, left + 8 * pixelRatio, y, colourOf(ground, threshold), width - 16 * pixelRatio);
  }
}

/** Of what stands on the time axis. */
const FIRINGS_HEIGHT = 12;

function colourOf({ colours }: Ground, { state }: Threshold): string {
  return state === 'firing' ? colours.bad : colours.warn;
}

function dashedLine({ context, left, width, pixelRatio }: Ground, y: number, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = pixelRatio;
  context.setLineDash([6 * pixelRatio, 4 * pixelRatio]);
  context.beginPath();
  context.moveTo(left, Math.round(y) + 0.5);
  context.lineTo(left + width, Math.round(y) + 0.5);
  context.stroke();
  context.setLineDash([]);
}

/** With an edge of the ground's colour, so that it is legible over lines. */
function drawText(
  { context, pixelRatio, colours }: Ground,
  text: string,
  x: number,
  y: number,
  colour: string,
  room: number,
) {
  const short = shortened(context, text, room);
  context.lineWidth = 3 * pixelRatio;
  context.lineJoin = 'round';
  context.strokeStyle = colours.background;
  context.strokeText(short, x, y);
  context.fillStyle = colour;
  context.fillText(short, x, y);
}

export interface EndLabel {
  readonly name: string;
  readonly value: string;
  readonly colour: string;
  /** Middle, in pixels of the canvas. */
  readonly y: number;
}

export const LABEL_HEIGHT = 16;
/** Of the dash in the line's colour, with the space around it. */
const DASH_WIDTH = 20;

export function endLabelWidth(measure: (text: string) => number, name: string, value: string): number {
  return DASH_WIDTH + measure(`${name} ${value}`);
}

/** @param x of the dashes @param room in pixels of the canvas */
export function drawEndLabels(ground: Ground, labels: readonly EndLabel[], x: number, room: number): void {
  const { context, pixelRatio, colours } = ground;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.font = textFont(ground);
  for (const { name, value, colour, y } of labels) {
    context.fillStyle = colour;
    context.fillRect(x, y - pixelRatio, 8 * pixelRatio, 2 * pixelRatio);
    const start = x + 14 * pixelRatio;
    const rest = room - DASH_WIDTH * pixelRatio - context.measureText(` ${value}`).width;
    const short = shortened(context, name, rest);
    context.fillStyle = colours.muted;
    context.fillText(short, start, y);
    context.fillStyle = colours.foreground;
    context.fillText(value, start + context.measureText(`${short} `).width, y);
  }
}

/** With an ellipsis where there is no room for all of it. */
export function shortened(
  context: Pick<CanvasRenderingContext2D, 'measureText'>,
  text: string,
  room: number,
): string {
  if (context.measureText(text).width <= room) return text;
  let length = text.length;
  while (length > 0 && context.measureText(`${text.slice(0, length)}…`).width > room) length--;
  return `${text.slice(0, length)}…`;
}
