/**
 * What was probably meant by a value of `in` that is neither a reference nor a path. Unaware of which
 * steps there are.
 */
import type { Span } from '../../schema/diagnostic.ts';
import { replacement, type Words } from './words.ts';

export function referenceHelp(
  at: Span,
  text: string,
  file: boolean,
): Pick<Words, 'help' | 'fixes'> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return {
      help: /^https?:/i.test(text)
        ? 'let `ingest` download it: `with: { url: …, sha256: … }`'
        : 'fetch it in a step of its own, of `kind: source`',
    };
  if (text.startsWith('~'))
    return { help: 'copy it into the project: a step sees only what lies there' };
  const field = /^([\w-]+\.[\w-]+)\.[\w.-]+$/.exec(text);
  if (field !== null && !/^(?:steps|needs)\.|\.(?:out|outputs?)\./.test(text))
    return {
      help: `one port is wired: \`step.port\`; a field of a result is read in an expression, \`\${{ ${text} }}\``,
    };
  // As other tools name the results of a step.
  const bare = /^(?:steps\.|needs\.)?([\w-]+)\.(?:outputs?\.|out\.)?([\w-]+)$/.exec(text);
  const colon = /^([\w-]+)\[([\w-]+): ?([^\s,\][=]+)\]\.([\w-]+)$/.exec(text);
  const wrapped = /^\$\{\{\s*([\w-]+\.[\w-]+)\s*\}\}$/.exec(text);
  const meant = file
    ? `./${text.replaceAll('\\', '/').replace(/^\.\//, '')}`
    : bare !== null
      ? `${bare[1]}.${bare[2]}`
      : wrapped !== null
        ? wrapped[1]
        : colon && `${colon[1]}[${colon[2]}=${colon[3]}].${colon[4]}`;
  if (meant !== null && meant !== undefined)
    return {
      help: file ? `a path starts with \`./\`: \`${meant}\`` : `write \`${meant}\``,
      fixes: replacement(at, meant),
    };
  return { help: 'write `step.port`, `step[*].port`, `step[axis=value].port` or `./path`' };
}
