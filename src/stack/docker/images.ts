/** Langfuse's own registry, which has the images from this version on (Langfuse's docker-compose.yml at v4.14.0). */
const OWN_REGISTRY_SINCE = [4, 14] as const;

/**
 * The variables of docker-compose.yml for the images of one version of Langfuse; none for its pinned default.
 *
 * @param version for example `3.36.0`
 */
export function imagesOf(version: string | undefined): Record<string, string> {
  if (version === undefined) return {};
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [ownMajor, ownMinor] = OWN_REGISTRY_SINCE;
  const own = major > ownMajor || (major === ownMajor && minor >= ownMinor);
  const registry = own ? 'docker.langfuse.com' : 'docker.io';
  return {
    LANGFUSE_CHAOS_IMAGE_WEB: `${registry}/langfuse/langfuse:${version}`,
    LANGFUSE_CHAOS_IMAGE_WORKER: `${registry}/langfuse/langfuse-worker:${version}`,
  };
}
