/** The deadline of a whole exchange, where there is one: it ends with the answer. */
import type { Fault } from '../semantics/fault.ts';
import type { ResponseHead, ResponseSink, Retry } from './upstream.ts';

/** Passes everything on, and calls the deadline off when the answer is over. */
export function untilOver(sink: ResponseSink, late: Disposable): ResponseSink {
  return {
    onRetry: (retry: Retry) => sink.onRetry?.(retry),
    onInterim: (status, fields) => sink.onInterim?.(status, fields),
    onHead: (head: ResponseHead) => sink.onHead(head),
    onData: (chunk) => sink.onData(chunk),
    onEnd: (trailers) => {
      late[Symbol.dispose]();
      sink.onEnd(trailers);
    },
    onFault: (fault: Fault) => {
      late[Symbol.dispose]();
      sink.onFault(fault);
    },
  };
}
