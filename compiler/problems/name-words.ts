/**
 * What is the matter with a name that is none, and what would be one. Unaware of what is named.
 */
import { LIMITS } from '../limits.ts';
import type { DocumentKind } from './phrases.ts';
import { brief, unicode, type Words } from './words.ts';

export type NameNoun =
  | 'pipeline'
  | 'step'
  | 'parameter'
  | 'input'
  | 'output'
  | 'axis'
  | 'pool'
  | 'profile'
  | 'label'
  | 'state'
  | 'variable'
  | 'secret'
  /** A step that another one waits for. */
  | 'need';

/** What is the matter with a name that is none, and what would be one. */
export function nameFlaw(noun: NameNoun, name: string, document: DocumentKind): Omit<Words, 'at'> {
  const environment = noun === 'variable' || noun === 'secret';
  const named = noun === 'need' ? 'step' : noun;
  const whose = /^[aeiou]/.test(named) ? `an ${named}` : `a ${named}`;
  const message = `\`${visible(name)}\` cannot be the name of ${whose}`;
  if (name === '') return { message: `${whose} has an empty name` };
  if (name.length > LIMITS.nameLength)
    return {
      message: `the name of ${whose} has ${name.length} characters`,
      help: `${LIMITS.nameLength} is the limit`,
    };
  if (name.includes('${{')) return { message, help: 'a name cannot be computed: write it out' };
  if (/^[\w-]+:\S/.test(name)) return { message, help: 'is a space missing after the colon?' };
  const foreign = /[^\x20-\x7e]/u.exec(name)?.[0];
  if (foreign !== undefined)
    return {
      message,
      help: `it holds ${unicode(foreign.codePointAt(0) ?? 0)}, which may look like another; names use ${environment ? 'A–Z, 0–9 and `_`' : 'a–z, 0–9 and `-`'}`,
    };
  if (environment)
    return { message, help: 'variables use letters, digits and `_`, and begin with a letter' };
  if (document === 'config' && /^[\w-]+(?:\/[\w-]+)+$/.test(name))
    return {
      message,
      help: 'steps of a used pipeline are not reached from outside: give it a parameter, and set that',
    };
  const [, instances] = /^([\w-]+)\[.*\]$/.exec(name) ?? [];
  if (noun === 'need' && instances !== undefined)
    return { message, help: `\`${instances}\` names the step, with all instances of its matrix` };
  if (noun === 'need' && name.includes('/'))
    return {
      message,
      help: `what a used pipeline holds is not reached from outside: need \`${name.split('/')[0]}\`, the whole of it`,
    };
  const better = kebab(name);
  return {
    message,
    help: `names are lower-case words joined by \`-\`${better === undefined ? '' : `: \`${better}\``}`,
  };
}

/** The name as it would be in kebab-case; undefined when nothing is left of it. */
function kebab(name: string): string | undefined {
  const better = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '');
  return better === '' ? undefined : better;
}

/** Control and foreign characters by their signs or code points, so that none can hide or reorder. */
export const visible = (name: string): string =>
  brief(name, 60).replace(/[\p{C}\p{Z}]/gu, character =>
    character === ' ' ? ' ' : sign(character.codePointAt(0) ?? 0),
  );

/** As in the frame below the message: `␀` for a NUL. */
const sign = (code: number): string =>
  code < 0x20 ? String.fromCharCode(0x2400 + code) : `<${unicode(code)}>`;
