import { didYouMean } from '../base/did-you-mean.ts';
import { ChaosError } from '../base/errors.ts';

/** The reference pipelines: the one with Langfuse v3.36.0's weaknesses, and one without. */
export const PIPELINES = ['v3.36.0', 'safe'] as const;
export type Pipeline = (typeof PIPELINES)[number];

/** The kinds of stacks; what each is for: docs/concepts.md. */
const STACK_KINDS = ['embedded', 'source', 'docker', 'external'] as const;

/** What is under test, and where it comes from. */
export type StackSpec =
  /** Local processes with a reference pipeline; `defect` is one planted in it, by its name in `src/reference/defects.ts`. */
  | { readonly kind: 'embedded'; readonly pipeline: Pipeline; readonly defect?: string }
  /** Local processes with a built Langfuse checkout: its folder, absolute. */
  | { readonly kind: 'source'; readonly directory: string }
  /** Containers; `version` of Langfuse's images, for example `3.36.0`; the pinned default where it is absent. */
  | { readonly kind: 'docker'; readonly version?: string }
  /**
   * What already runs, described by a YAML file: its path, absolute. `faultsConfirmed`: whoever runs it has said that the faults of this
   * command may be injected there.
   */
  | { readonly kind: 'external'; readonly file: string; readonly faultsConfirmed?: true };

/** What is tested unless something else is asked for. */
export const DEFAULT_SPEC = { kind: 'embedded', pipeline: 'v3.36.0' } as const satisfies StackSpec;

/** A stack in one word, as {@link parseSpec} reads it: `embedded`, `embedded:safe`, `source:/langfuse`, `docker:3.36.0`, `external:/file.yml`. */
export function specText(spec: StackSpec): string {
  switch (spec.kind) {
    case 'embedded':
      return spec.pipeline === DEFAULT_SPEC.pipeline ? 'embedded' : `embedded:${spec.pipeline}`;
    case 'source':
      return `source:${spec.directory}`;
    case 'docker':
      return spec.version === undefined ? 'docker' : `docker:${spec.version}`;
    case 'external':
      return `external:${spec.file}`;
  }
}

/**
 * Reads a stack from one word. Whether the folder or file is there is asked only when it is started.
 *
 * @param absolute makes a path that was typed absolute
 * @throws ChaosError `E_USAGE`
 */
export function parseSpec(text: string, absolute: (path: string) => string): StackSpec {
  const colon = text.indexOf(':');
  const kind = colon < 0 ? text : text.slice(0, colon);
  const detail = colon < 0 ? undefined : text.slice(colon + 1);
  if (kind === 'embedded') {
    const pipeline = PIPELINES.find((name) => name === (detail ?? DEFAULT_SPEC.pipeline));
    if (pipeline) return { kind, pipeline };
    throw wrong(
      text,
      `embedded, or embedded: and one of ${PIPELINES.join(', ')}`,
      didYouMean(detail ?? '', PIPELINES),
    );
  }
  if (kind === 'source') {
    if (detail) return { kind, directory: absolute(detail) };
    throw wrong(text, 'source: and the folder of a built Langfuse checkout, or --langfuse-dir');
  }
  if (kind === 'docker') {
    if (detail === undefined) return { kind };
    const version = /^v?(\d+\.\d+\.\d+)$/.exec(detail)?.[1];
    if (version) return { kind, version };
    throw wrong(text, 'docker, or docker: and a whole version such as 3.36.0');
  }
  if (kind === 'external') {
    if (detail) return { kind, file: absolute(detail) };
    throw wrong(text, 'external: and the YAML file that describes what runs');
  }
  throw wrong(text, `one of ${STACK_KINDS.join(', ')}`, didYouMean(kind, STACK_KINDS));
}

function wrong(text: string, expected: string, meant = ''): ChaosError {
  return new ChaosError({
    code: 'E_USAGE',
    happened: `"${text}" names no stack.${meant}`,
    expected,
    remedy: 'correct it; `langfuse-chaos run --help` has examples.',
  });
}
