import t from 'tap';
import { Router } from '../../server/router.js';

const router = new Router(
  [
    ['GET', '/'],
    ['GET', '/a'],
    ['POST', '/a'],
    ['GET', '/a/b'],
    ['GET', '/a/:id'],
    ['DELETE', '/a/:id'],
    ['POST', '/a/:id/c'],
    ['GET', '/a/:id/:other'],
  ].map(([method, path]) => ({ method, path })),
);

/** What a request matches: the pattern with its parameters, the methods allowed, or nothing. */
function match(method: string, path: string): string {
  const found = router.match(method, path);
  if (found.kind === 'notFound') return '404';
  if (found.kind === 'methodNotAllowed') return `405 ${found.allow}`;
  const params = [...found.params].map(([name, value]) => ` ${name}=${value}`);
  return `${found.route.method} ${found.route.path}${params.join('')}`;
}

t.test('the resource decides, then the method', async t => {
  const cases: [string, string, string][] = [
    ['GET', '/', 'GET /'],
    ['GET', '/a', 'GET /a'],
    ['HEAD', '/a', 'GET /a'],
    ['POST', '/a', 'POST /a'],
    ['PUT', '/a', '405 GET, HEAD, OPTIONS, POST'],
    ['get', '/a', '405 GET, HEAD, OPTIONS, POST'],
    ['GET', '/a/b', 'GET /a/b'],
    ['DELETE', '/a/b', '405 GET, HEAD, OPTIONS'],
    ['GET', '/a/x', 'GET /a/:id id=x'],
    ['HEAD', '/a/x', 'GET /a/:id id=x'],
    ['DELETE', '/a/x', 'DELETE /a/:id id=x'],
    ['GET', '/a/x/c', '405 OPTIONS, POST'],
    ['HEAD', '/a/x/c', '405 OPTIONS, POST'],
    ['GET', '/a/x/y', 'GET /a/:id/:other id=x other=y'],
    ['GET', '/a/', '404'],
    ['GET', '/a//c', '404'],
    ['GET', '//a', '404'],
    ['GET', '/a/b/', '404'],
    ['GET', '', '404'],
    ['GET', 'a', '404'],
    ['GET', '*', '404'],
    ['GET', '/%61', 'GET /a'],
    ['GET', '/a%2Fb', '404'],
    ['GET', '/a/x%2Fy', 'GET /a/:id id=x/y'],
    ['GET', '/a/%E5%90%8D', 'GET /a/:id id=名'],
    ['GET', '/a/%', 'GET /a/:id id=%'],
    ['GET', '/a/%ff', 'GET /a/:id id=%ff'],
    ['GET', '/a/:id', 'GET /a/:id id=:id'],
    ['GET', '/__proto__', '404'],
    ['constructor', '/a', '405 GET, HEAD, OPTIONS, POST'],
  ];
  for (const [method, path, want] of cases) t.equal(match(method, path), want, `${method} ${path}`);
});
