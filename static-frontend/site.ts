// What nginx.conf is to nginx: the first route that matches decides. README.md says what else can stand here.
import { defineSite } from '@trivet/static-frontend';

export default defineSite({
  routes: [
    { path: '/old/', redirect: '/new/', status: 308 },
    { path: '/events', proxy: 'app' },
    // Pages put together by an edge: who asks this tier alone gets them with their markup.
    { path: '/esi/', files: '.', otherwise: { proxy: 'app' }, headers: { 'surrogate-control': 'content="ESI/1.0"' } },
    { path: '/', files: '.', otherwise: { proxy: 'app' } }, // one namespace: a file wins, the app answers the rest
  ],
  errorPages: { 404: '404.html' },
});
