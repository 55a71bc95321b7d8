package dev.portcullis.edge;

import dev.portcullis.config.LimitsConfig;
import io.netty.handler.ssl.SslContext;

/**
 * One configuration at work on the public side. Immutable; a reload swaps it whole, and whoever
 * began with one ends with it.
 *
 * @param gate decides
 * @param tls what new connections shake hands with
 */
record Serving(Gate gate, SslContext tls) {
    LimitsConfig limits() {
        return gate.limits();
    }
}
