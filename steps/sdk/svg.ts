/**
 * A small writer of SVG: elements as values, text escaped, numbers short. Same picture, same bytes.
 * Unaware of what is drawn.
 */

export type Svg = { readonly markup: string };

export type Attributes = Readonly<Record<string, string | number>>;

/** One element with what is inside it. */
export function element(
  name: string,
  attributes: Attributes,
  inside: readonly Svg[] | string = [],
): Svg {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeMarkup(attributeText(value))}"`)
    .join('');
  const body =
    typeof inside === 'string' ? escapeMarkup(inside) : inside.map(({ markup }) => markup).join('');
  return { markup: body === '' ? `<${name}${written}/>` : `<${name}${written}>${body}</${name}>` };
}

/** Text at a point; `anchor` says which end of it lies there. */
export const text = (
  at: { readonly x: number; readonly y: number },
  content: string,
  attributes: Attributes = {},
): Svg => element('text', { ...at, ...attributes }, content);

/** A group moved to a place. */
export const group = (x: number, y: number, inside: readonly Svg[]): Svg =>
  element('g', { transform: `translate(${attributeText(x)} ${attributeText(y)})` }, inside);

/** A whole document, readable on light and dark pages, with a title for those who cannot see it. */
export function svgDocument(
  size: { readonly width: number; readonly height: number },
  title: string,
  inside: readonly Svg[],
): string {
  const { width, height } = size;
  const root = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${attributeText(width)} ${attributeText(height)}`,
      width,
      height,
      role: 'img',
      'font-family': 'system-ui, sans-serif',
      'font-size': 12,
      fill: '#1f2933',
    },
    [
      element('title', {}, title),
      element('rect', { width: '100%', height: '100%', fill: '#ffffff' }),
      ...inside,
    ],
  );
  return `${root.markup}\n`;
}

const attributeText = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 100) / 100) : value;

/** XML 1.0 has no place for most control characters, escaped or not: they become U+FFFD. */
const escapeMarkup = (content: string): string =>
  content
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
