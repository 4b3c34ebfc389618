import { ClickHouseException } from './errors.ts';

/**
 * The fields of a multipart form, in which newer versions of @clickhouse/client can send the query and parameters that are
 * too long for a URL. Undefined when the body is no form.
 *
 * @throws ClickHouseException 48 NOT_IMPLEMENTED for a file: external tables are not supported
 */
export async function readForm(
  contentType: string | undefined,
  body: Buffer,
): Promise<[name: string, value: string][] | undefined> {
  if (!contentType?.startsWith('multipart/form-data')) return undefined;
  const form = await new Response(new Uint8Array(body), {
    headers: { 'Content-Type': contentType },
  }).formData();
  const fields: [string, string][] = [];
  for (const [name, value] of form) {
    if (typeof value !== 'string') {
      throw ClickHouseException.refuse(48, 'NOT_IMPLEMENTED', 'External tables are not supported');
    }
    fields.push([name, value]);
  }
  return fields;
}
