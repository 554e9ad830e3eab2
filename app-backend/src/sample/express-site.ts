import express, { type ErrorRequestHandler, type Express } from 'express';

/** `/express/…`: a small Express application beside the WSGI ones. */
export function expressSite(): Express {
  const site = express();
  site.disable('x-powered-by');
  site.get('/', (_request, response) => {
    response.type('text/plain').send('Hello from Express\n');
  });
  site.get('/hello/:name', (request, response) => {
    response.json({ hello: request.params.name });
  });
  site.get('/clock', (request, response) => {
    const { seconds } = request.query;
    const lifetime = typeof seconds === 'string' && /^\d{1,4}$/.test(seconds) ? Number(seconds) : 0;
    const now = new Date().toISOString();
    // CDN-Cache-Control is for the edge alone: what is not kept by browsers shows there at each reload.
    response.set({ 'Cache-Control': 'no-store', 'CDN-Cache-Control': `max-age=${lifetime}` });
    response.type('html').send(`<time datetime="${now}">${now.slice(11, 19)}</time>\n`);
  });
  site.post('/sum', express.json({ limit: '64kb' }), (request, response) => {
    const numbers: unknown = request.body;
    if (Array.isArray(numbers) && numbers.every((each) => typeof each === 'number')) {
      response.json({ sum: numbers.reduce((sum, each) => sum + each, 0) });
    } else {
      response.status(400).json({ error: 'the body is not an array of numbers' });
    }
  });
  site.use((_request, response) => {
    response.status(404).type('text/plain').send('Not Found\n');
  });
  site.use(answerError);
  return site;
}

/** Express's own handler shows the stack; what is not the client's fault is nobody's business outside. */
const answerError: ErrorRequestHandler = (error: { status?: unknown }, _request, response, next) => {
  if (response.headersSent) return void next(error);
  const status = typeof error.status === 'number' ? error.status : 500;
  response.status(status).type('text/plain').send(`${status}\n`);
};
