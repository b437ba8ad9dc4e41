import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText } from '../../test/harness/any-text.ts';
import { markdownTable, markdownText } from './markdown.ts';
import { element, group, svgDocument, text } from './svg.ts';

test('an element without content closes itself', () => {
  expect(element('rect', { x: 1, y: 2.005 }).markup).toBe('<rect x="1" y="2.01"/>');
});

test('text and attributes cannot become markup', () => {
  fc.assert(
    fc.property(anyText, content => {
      const { markup } = text({ x: 0, y: 0 }, content, { class: content });
      const inside = markup
        .replace(/^<text x="0" y="0" class="[^"<>]*"(\/>|>)/, '')
        .replace(/<\/text>$/, '');
      expect(inside).not.toMatch(/[<>"]/);
      expect(inside.replace(/&(amp|lt|gt|quot);/g, '')).not.toContain('&');
      expect(markup).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
    }),
  );
});

test('a document says its size and its title', () => {
  const drawing = svgDocument({ width: 10, height: 20 }, 'a < b', [group(1, 2, [])]);
  expect(drawing).toContain('viewBox="0 0 10 20"');
  expect(drawing).toContain('<title>a &lt; b</title>');
  expect(drawing).toContain('<g transform="translate(1 2)"/>');
});

test('labels cannot break a table of a report', () => {
  expect(markdownTable(['a'], [['x|y\nz']])).toBe('| a |\n| --- |\n| x\\|y z |');
  expect(markdownText('<b> `c`')).toBe('\\<b\\> \\`c\\`');
});
