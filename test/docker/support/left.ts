import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the engine still has of a stack: containers, volumes and networks with its label. */
export async function leftOf(id: string): Promise<string[]> {
  const filter = `label=com.docker.compose.project=langfuse-chaos-${id}`;
  const lists = await Promise.all(
    [
      ['ps', '--all', '--format', '{{.Names}}'],
      ['volume', 'ls', '--format', '{{.Name}}'],
      ['network', 'ls', '--format', '{{.Name}}'],
    ].map((args) => run('docker', [...args, '--filter', filter])),
  );
  return lists.flatMap(({ stdout }) => stdout.split('\n').filter((line) => line !== ''));
}

/** Runs a command in a container of a stack. @returns what it wrote */
export async function inContainer(id: string, service: string, command: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', ['exec', `langfuse-chaos-${id}-${service}-1`, ...command]);
  return stdout.trim();
}
