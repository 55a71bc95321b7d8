package dev.portcullis.upstream;

import dev.portcullis.audit.Reason;
import io.netty.buffer.ByteBuf;

/** What one client connection does at the moment: an HTTP exchange, or a WebSocket. */
interface RelayedExchange {
    /** A piece of the request's body, or of the tunnel: ours to release. */
    void onClientBytes(ByteBuf bytes);

    /** The request is whole. */
    void onClientEnd();

    /** Nothing more from the client for now. */
    void onClientBatchEnd();

    /** Room again, or no more, for what goes to the client. */
    void onClientWritabilityChanged();

    /** The client's connection is gone. */
    void onClientGone();

    /** A deadline passed. */
    void onDeadline();

    /** What it stands on is gone: end it now. */
    void end(Reason reason);
}
