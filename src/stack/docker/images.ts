import type { AppProcess } from '../stack.ts';

/** The version of Langfuse whose images docker-compose.yml names where nothing else is asked for. */
export const DEFAULT_VERSION = '3.36.0';

/** Langfuse's own registry has the images from this version on (Langfuse's docker-compose.yml at v4.14.0). */
const OWN_REGISTRY_SINCE = [4, 14] as const;

/**
 * The image of web or worker of one version of Langfuse.
 *
 * @param version for example `3.36.0`; the pinned default unless told
 */
export function langfuseImage(process: AppProcess, version: string = DEFAULT_VERSION): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [ownMajor, ownMinor] = OWN_REGISTRY_SINCE;
  const own = major > ownMajor || (major === ownMajor && minor >= ownMinor);
  const name = process === 'web' ? 'langfuse' : 'langfuse-worker';
  return `${own ? 'docker.langfuse.com' : 'docker.io'}/langfuse/${name}:${version}`;
}

/** The variable of docker-compose.yml for the image of web or worker. */
export const imageVariable = (process: AppProcess) => `LANGFUSE_CHAOS_IMAGE_${process.toUpperCase()}`;

/** The variable that names the image of the version that web or worker is replaced by in an upgrade. */
export const otherImageVariable = (process: AppProcess) =>
  `LANGFUSE_CHAOS_OTHER_IMAGE_${process.toUpperCase()}`;
