/**
 * Which content a step's image has, and its way to the engine. A tag is resolved once and pinned;
 * an image that only this machine has is what it is now; one that is built is what it is built
 * from. Unaware of containers.
 */
import { join } from 'node:path';
import type { ImageInspectInfo } from 'dockerode';
import { canonicalJson } from '../../../schema/canonical-json.ts';
import { sha256 } from '../../../schema/id.ts';
import type { Container } from '../../../schema/plan.ts';
import { type BuildContext, readContext } from './build-context.ts';
import { absentEngine, ask, type Engine } from './engine.ts';
import { askRegistry, buildImage, type Fetched, type Fetching, pullImage } from './fetching.ts';
import { addPins, type Pins, pinOf } from './pins.ts';
import { familiarName, isLocalName, parseReference, withTag } from './reference.ts';

export type ResolvedImage = {
  /** For keys: `sha256:…` in its registry, `content:…` here, `build:…` of what it is built from. */
  readonly identity: string;
  /** What the engine knows it as. */
  readonly name: string;
  readonly from: 'registry' | 'this-machine' | BuildContext;
};

export type Images = {
  /** Fetches and builds nothing. */
  readonly resolve: (container: Container) => Promise<Fetched<ResolvedImage>>;
  /** Sees to it that the engine has it; returns what the engine knows it as. */
  readonly provide: (container: Container, fetching: Fetching) => Promise<Fetched<string>>;
};

export type ImagesOptions = {
  readonly engine: Engine;
  /** For the user's logins. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute root of the project: Dockerfiles lie below it. */
  readonly project: string;
  readonly pins: Pins;
  /** Where new pins are kept; undefined for nowhere. */
  readonly pinsPath: string | undefined;
};

export function openImages(options: ImagesOptions): Images {
  const resolved = new Map<string, Promise<Fetched<ResolvedImage>>>();
  const provided = new Map<
    string,
    { readonly got: Promise<Fetched<string>>; readonly by: AbortSignal }
  >();
  const resolve = (container: Container) =>
    remember(resolved, container.build ?? container.image ?? '', () =>
      container.build === null
        ? resolveNamed(container.image ?? '', options)
        : resolveBuild(container.build, options),
    );
  return {
    resolve,
    provide: async (container, fetching) => {
      const image = await resolve(container);
      if (!image.ok) return image;
      const { name } = image.value;
      const { signal } = fetching;
      for (;;) {
        const asked = provided.get(name) ?? {
          got: bring(image.value, options, fetching),
          by: signal,
        };
        provided.set(name, asked);
        const got = await asked.got;
        if (got.ok) return got;
        // What could not be had now may be had at the next attempt.
        if (provided.get(name) === asked) provided.delete(name);
        // That whoever asked first has been cancelled is no answer for anybody else.
        if (signal.aborted || !asked.by.aborted) return got;
      }
    },
  };
}

/** What is asked at the same time is asked once. */
function remember<T>(
  known: Map<string, Promise<T>>,
  key: string,
  ask: () => Promise<T>,
): Promise<T> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const asked = ask();
  known.set(key, asked);
  return asked;
}

async function resolveNamed(
  image: string,
  options: ImagesOptions,
): Promise<Fetched<ResolvedImage>> {
  const { digest, name } = parseReference(image);
  const known = digest ?? pinOf(options.pins, image);
  if (known !== undefined) return registered(name, known);
  const found = await resolveTag(image, options);
  if (found.ok && found.value.from === 'registry' && options.pinsPath !== undefined) {
    addPins(options.pinsPath, { [withTag(image)]: found.value.identity });
  }
  return found;
}

/** What the tag means now, whatever is pinned and whatever is here: its registry has the word. */
export async function currentMeaning(
  image: string,
  options: Pick<ImagesOptions, 'engine' | 'env'>,
): Promise<Fetched<ResolvedImage>> {
  const here = await resolveTag(image, options);
  if (here.ok ? here.value.from !== 'registry' : isLocalName(image)) return here;
  const asked = await askRegistry(withTag(image), options.engine, options.env);
  return asked.ok ? registered(parseReference(image).name, asked.value) : asked;
}

/** What the tag means here, else in its registry. */
async function resolveTag(
  image: string,
  { engine, env }: Pick<ImagesOptions, 'engine' | 'env'>,
): Promise<Fetched<ResolvedImage>> {
  const { name } = parseReference(image);
  const here = await ask(() => engine.client.getImage(withTag(image)).inspect());
  if (here.ok) {
    const digest = publishedDigest(here.value.RepoDigests ?? [], name);
    if (digest !== undefined) return registered(name, digest);
    return { ok: true, value: { ...contentOf(here.value), from: 'this-machine' } };
  }
  if (here.error.kind === 'gone') {
    return { ok: false, message: absentEngine(engine, here.error.message) };
  }
  if (isLocalName(image)) return { ok: false, message: notBuilt(image) };
  const asked = await askRegistry(withTag(image), engine, env);
  return asked.ok ? registered(name, asked.value) : asked;
}

/**
 * Of an image that no registry knows: its layers and what it sets. Not its id, which holds the time
 * at which it was made: made again from the same bytes it is the same.
 */
function contentOf(image: ImageInspectInfo): Pick<ResolvedImage, 'identity' | 'name'> {
  const { Id, RootFS, Config, Architecture, Os } = image;
  const content = { layers: RootFS?.Layers ?? [Id], env: Config.Env ?? [], Architecture, Os };
  return { identity: `content:${sha256(`sluice-image\n${canonicalJson(content)}`)}`, name: Id };
}

const registered = (name: string, digest: string): Fetched<ResolvedImage> => ({
  ok: true,
  value: { identity: digest, name: `${name}@${digest}`, from: 'registry' },
});

const publishedDigest = (digests: readonly string[], name: string): string | undefined =>
  digests.map(parseReference).find(reference => familiarName(reference.name) === familiarName(name))
    ?.digest;

const notBuilt = (image: string): string =>
  image.startsWith('localhost/sluice/')
    ? `the image \`${image}\` of the step library is not on this machine; build it with \`sluice images\``
    : `the image \`${image}\` is not on this machine, and its name says that it is built here; build and tag it first`;

async function resolveBuild(
  dockerfile: string,
  { project }: ImagesOptions,
): Promise<Fetched<ResolvedImage>> {
  try {
    const context = await readContext(join(project, dockerfile));
    const short = context.digest.slice(0, 32);
    const name = `localhost/sluice/build:${short}`;
    return { ok: true, value: { identity: `build:${context.digest}`, name, from: context } };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, message: `its image cannot be built from ./${dockerfile}: ${why}` };
  }
}

async function bring(
  { name, from }: ResolvedImage,
  options: ImagesOptions,
  fetching: Fetching,
): Promise<Fetched<string>> {
  const { engine } = options;
  const here = await ask(() => engine.client.getImage(name).inspect());
  if (here.ok) return { ok: true, value: name };
  if (here.error.kind === 'gone') {
    return { ok: false, message: absentEngine(engine, here.error.message) };
  }
  if (from === 'registry') return pullImage(name, { ...options, ...fetching });
  if (from === 'this-machine') {
    return { ok: false, message: `its image ${name} has been removed meanwhile` };
  }
  return buildImage(from, name, { engine, ...fetching });
}
