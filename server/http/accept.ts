/** Which form of an answer the caller wants. */

/** Whether an Accept header names `application/msgpack`, and wants nothing of JSON more. */
export function prefersMessagePack(accept: string): boolean {
  const packed = qualityOf(accept, 'application/msgpack');
  return packed > 0 && packed >= qualityOf(accept, 'application/json');
}

/** Whether an Accept header names `application/problem+json`, and wants nothing of JSON more. */
export function prefersProblem(accept: string): boolean {
  const problem = qualityOf(accept, 'application/problem+json');
  return problem > 0 && problem >= qualityOf(accept, 'application/json');
}

/** Whether an Accept-Encoding header names `gzip`, and not as what is not to be sent. */
export function takesGzip(acceptEncoding: string): boolean {
  return qualityOf(acceptEncoding, 'gzip') > 0;
}

/** 0 where it is not named: a wildcard is nobody's wish for bytes that he may not be able to read. */
function qualityOf(accept: string, wanted: string): number {
  for (const range of accept.toLowerCase().split(',')) {
    const [type, ...parameters] = range.split(';').map(part => part.trim());
    if (type !== wanted) continue;
    const quality = parameters.find(parameter => parameter.startsWith('q='));
    return quality === undefined ? 1 : Number(quality.slice(2)) || 0;
  }
  return 0;
}
