/** The name of an image as people write it, taken apart: `ghcr.io/team/train:2@sha256:…`. */

export type Reference = {
  /** Without tag and digest, as written. */
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  /** `docker.io` unless the name begins with a host. */
  readonly registry: string;
};

const DEFAULT_REGISTRY = 'docker.io';

export function parseReference(text: string): Reference {
  const [named = '', digest] = text.split('@');
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const name = hasTag ? named.slice(0, colon) : named;
  const [first = '', ...rest] = name.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return {
    name,
    tag: hasTag ? named.slice(colon + 1) : undefined,
    digest,
    registry: isHost ? first : DEFAULT_REGISTRY,
  };
}

/** The same image has one name here, however it is written: `docker.io/library/x` is `x`. */
export const familiarName = (name: string): string =>
  name.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');

/** With the tag that is meant where none is written. */
export function withTag(text: string): string {
  const { name, tag, digest } = parseReference(text);
  return digest === undefined && tag === undefined ? `${name}:latest` : text;
}

/** Images that are built on this machine and nowhere published: nobody is asked for them. */
export const isLocalName = (text: string): boolean => parseReference(text).registry === 'localhost';
