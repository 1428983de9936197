/** A request as a program that sends it: every byte the same. Nothing here knows of a page. */
import type { ApiRequest } from './request.js';

export interface Copy {
  readonly name: string;
  readonly write: (request: ApiRequest, origin: string) => string;
}

export const COPIES: readonly Copy[] = [
  { name: 'curl', write: curlText },
  { name: 'fetch', write: fetchText },
  { name: 'Python', write: pythonText },
];

/** For a POSIX shell. */
export function curlText({ method, target, headers, body, isStream }: ApiRequest, origin: string): string {
  const parts = [
    `curl ${isStream ? '--no-buffer ' : ''}${method === 'GET' ? '' : `-X ${method} `}${shellQuoted(origin + target)}`,
    // An empty value would take the header away; a semicolon sends it empty.
    ...headers.map(([name, value]) => `-H ${shellQuoted(value === '' ? `${name};` : `${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-raw ${shellQuoted(body)}`]),
  ];
  return parts.join(' \\\n  ');
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** For browsers and Node. */
export function fetchText({ method, target, headers, body, isStream }: ApiRequest, origin: string): string {
  const lines = [
    `const response = await fetch(${JSON.stringify(origin + target)}, {`,
    `  method: ${JSON.stringify(method)},`,
    ...(headers.length === 0
      ? []
      : [
          '  headers: {',
          ...headers.map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)},`),
          '  },',
        ]),
    ...(body === undefined ? [] : [`  body: ${scriptQuoted(body)},`]),
    '});',
    ...(isStream
      ? [
          'const decoder = new TextDecoder();',
          'for await (const chunk of response.body) console.log(decoder.decode(chunk, { stream: true }));',
        ]
      : ['console.log(response.status, await response.text());']),
  ];
  return lines.join('\n');
}

/** A template over lines where nothing in it has a meaning of its own. */
function scriptQuoted(text: string): string {
  return text.includes('\n') && !/[`\\\r]|\$\{/.test(text) ? `\`${text}\`` : JSON.stringify(text);
}

/** With the package "requests". */
export function pythonText({ method, target, headers, body, isStream }: ApiRequest, origin: string): string {
  const lines = [
    'import requests',
    '',
    'response = requests.request(',
    `    ${JSON.stringify(method)},`,
    `    ${JSON.stringify(origin + target)},`,
    ...(headers.length === 0
      ? []
      : [
          '    headers={',
          ...headers.map(([name, value]) => `        ${JSON.stringify(name)}: ${JSON.stringify(value)},`),
          '    },',
        ]),
    ...(body === undefined ? [] : [`    data=${pythonQuoted(body)}.encode(),`]),
    ...(isStream ? ['    stream=True,'] : []),
    ')',
    ...(isStream
      ? ['for line in response.iter_lines(decode_unicode=True):', '    print(line)']
      : ['print(response.status_code, response.text)']),
  ];
  return lines.join('\n');
}

/** JSON's strings are strings of Python, too. */
function pythonQuoted(text: string): string {
  const isPlain = text.includes('\n') && !/[\\\r]|"""|"$/.test(text);
  return isPlain ? `"""${text}"""` : JSON.stringify(text);
}
