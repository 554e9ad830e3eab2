// What nginx.conf is to nginx: the first route that matches decides. README.md says what else can stand here.
import { defineSite } from '@trivet/static-frontend';

export default defineSite({
  routes: [
    { path: '/old/', redirect: '/new/', status: 308 },
    { path: '/events', proxy: 'app' },
    { path: '/', files: '.', otherwise: { proxy: 'app' } }, // one namespace: a file wins, the app answers the rest
  ],
  errorPages: { 404: '404.html' },
});
