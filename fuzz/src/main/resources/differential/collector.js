// Answers each request with the hash of how Node read it, and keeps the last ones as text:
//   node collector.js PORT    prints "ready"; GET /__last__ on any connection tells the last reading
const http = require('node:http');
const { createHash } = require('node:crypto');

const OF_THE_HOP = new Set(
  ['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade', 'expect', 'te']);
const hash = (text) => createHash('sha256').update(text, 'latin1').digest('hex');
let last = '';

const server = http.createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 0 }, (request, response) => {
  const body = createHash('sha256');
  request.on('data', (piece) => body.update(piece));
  request.on('end', () => {
    if (request.url === '/__last__') {
      response.end(Buffer.from(last, 'latin1'));
      return;
    }
    const lines = [];
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      const name = request.rawHeaders[i].toLowerCase();
      if (!OF_THE_HOP.has(name)) lines.push(`${name}: ${request.rawHeaders[i + 1]}`);
    }
    lines.sort();
    last = `${request.method} ${request.url}\n${lines.join('\n')}\n${body.digest('hex')}`;
    response.writeHead(200, { 'x-read': hash(last), 'content-length': 0 });
    response.end();
  });
});
server.requestTimeout = 0;
server.headersTimeout = 0;
server.maxRequestsPerSocket = 0;
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
