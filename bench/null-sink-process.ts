/** A server that reads requests and answers at once, without looking at them: what is left is the client. */
import { createServer } from 'node:net';

const HEAD_END = '\r\n\r\n';
const body = '{"inserted":0}';
const answer = Buffer.from(`HTTP/1.1 201 Created\r\nContent-Length: ${body.length}${HEAD_END}${body}`);

const server = createServer({ noDelay: true }, socket => {
  /** Bytes of a request that are still to come. */
  let left = 0;
  socket.on('error', () => socket.destroy());
  socket.on('data', part => {
    if (left === 0) {
      // Heads come whole: each is written together with its body, after the answer to the one before.
      const end = part.indexOf(HEAD_END);
      const length = /content-length: *(\d+)/i.exec(part.toString('latin1', 0, Math.max(0, end)));
      left = length === null ? 0 : end + HEAD_END.length + Number(length[1]);
    }
    left -= part.length;
    if (left === 0) socket.write(answer);
    else if (left < 0) socket.destroy();
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  process.stdout.write(`http://127.0.0.1:${port}\n`);
});
