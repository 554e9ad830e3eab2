/**
 * What applications import: `import type { Application } from '@trivet/app-backend'`. The types of WSGI, the middleware
 * and the two toolkits; `Request` and `Response` are those in the manner of WebOb.
 */

export { type FetchHandler, fetchToWsgi } from './adapters/fetch-to-wsgi.ts';
export { nodeHandlerToWsgi } from './adapters/node-handler-to-wsgi.ts';
export { type NodeListener, type NodeListenerOptions, toNodeListener } from './adapters/to-node-listener.ts';
export { type BufferedApplication, type BufferedEnviron, buffered, type SyncInput } from './gateway/buffered.ts';
export { fileWrapper, type WrappedFile } from './gateway/file-wrapper.ts';
export type { UpgradeHandler } from './gateway/gateway.ts';
export type { NodeHandler } from './gateway/node-mount.ts';
export { OpenedFile, openFile } from './gateway/opened-file.ts';
export { validate } from './gateway/validate.ts';
export { decodeLatin1, encodeLatin1, utf8OfLatin1 } from './latin1.ts';
export { type StaticFilesOptions, staticFiles } from './static/static-files.ts';
export { dispatch } from './toolkit/dispatch.ts';
export { Request, Response } from './toolkit/webob-like.ts';
export * as werkzeug from './toolkit/werkzeug-like.ts';
export { applicationUri, requestUri, shiftPathInfo } from './uri.ts';
export type * from './wsgi.ts';
