/** Text into markup: everything that came from a pipeline, a step or a log passes through here. */
import { visible } from '../visible.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe between tags and in quoted attributes. Nothing in it acts or hides. */
export const escaped = (text: string): string =>
  visible(text).replace(/[&<>"']/g, letter => ENTITIES[letter] ?? letter);

/** Rows of already escaped cells. `digest`: the column that may break anywhere; the others do not. */
export function tableOf(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  digest?: number,
): string {
  const line = (tag: string, cells: readonly string[]) =>
    `<tr>${cells.map((cell, column) => `<${tag}${column === digest && tag === 'td' ? ' class="digest"' : ''}>${cell}</${tag}>`).join('')}</tr>`;
  const body = rows.map(row => line('td', row)).join('\n');
  const look = digest === undefined ? '' : ' class="tight"';
  return `<div class="wide"><table${look}><thead>${line('th', head)}</thead><tbody>${body}</tbody></table></div>`;
}

export const rounded = (value: number): number => Math.round(value * 10) / 10;
