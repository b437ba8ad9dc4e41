/** Cells of a terminal as an SVG, in a window of its own. Unaware of where the cells come from. */

export type Cell = {
  readonly text: string;
  /** One of the terminal's sixteen colours; undefined for the usual one. */
  readonly color: number | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
};

const CELL = { width: 8.4, height: 19 };
const MARGIN = { side: 18, top: 52, bottom: 20 };
const COLORS = ['#6e7781', '#ff7b72', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd'];
const TEXT = '#d6dde6';

export function screenSvg({
  rows,
  columns,
  prompt,
}: {
  readonly rows: readonly (readonly Cell[])[];
  readonly columns: number;
  readonly prompt: string;
}): string {
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN.side);
  const height = Math.ceil((rows.length + 1) * CELL.height + MARGIN.top + MARGIN.bottom);
  const typed: readonly Cell[] = Array.from(`$ ${prompt}`, (text, index) => ({
    text,
    color: index === 0 ? 2 : undefined,
    isBold: index > 1,
    isDim: false,
  }));
  const texts = [typed, ...rows].map((row, index) => rowText(row, index));
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (color, index) => `<circle cx="${24 + index * 20}" cy="22" r="6" fill="${color}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(prompt)} in a terminal">`,
    `<rect width="${width}" height="${height}" rx="10" fill="#0d1117" stroke="#30363d"/>`,
    ...dots,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="${TEXT}" xml:space="preserve">`,
    ...texts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Cells of one look are one piece; each piece has its place, whatever the font makes of it. */
function rowText(row: readonly Cell[], index: number): string {
  const y = MARGIN.top + (index + 0.7) * CELL.height;
  const pieces: { look: string; text: string; column: number }[] = [];
  row.forEach((cell, column) => {
    const look = lookOf(cell);
    const last = pieces.at(-1);
    if (last !== undefined && last.look === look) last.text += cell.text;
    else pieces.push({ look, text: cell.text, column });
  });
  const spans = pieces
    .filter(({ text }) => text.trim() !== '')
    .map(({ look, text, column }) => {
      const lead = text.length - text.trimStart().length;
      const shown = text.trim();
      const x = (MARGIN.side + (column + lead) * CELL.width).toFixed(1);
      const length = ([...shown].length * CELL.width).toFixed(1);
      return `<tspan x="${x}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${look}>${escaped(shown)}</tspan>`;
    });
  return spans.length === 0 ? '' : `<text y="${y.toFixed(1)}">${spans.join('')}</text>`;
}

function lookOf({ color, isBold, isDim }: Cell): string {
  const fill = color === undefined ? '' : ` fill="${COLORS[color % 8] ?? TEXT}"`;
  return `${fill}${isBold ? ' font-weight="700"' : ''}${isDim ? ' fill-opacity="0.6"' : ''}`;
}

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
