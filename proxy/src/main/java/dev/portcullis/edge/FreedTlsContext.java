package dev.portcullis.edge;

import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import javax.net.ssl.SSLEngine;

/**
 * A TLS context whose memory outside the heap is freed when nobody can reach it any more, and not
 * at a reload: a connection may be about to begin with the one that was just replaced. Its engines
 * keep what they need of it, and are freed by their handlers: without finalizers, which Netty's
 * other kind has and which cost every connection. Any thread.
 */
final class FreedTlsContext extends DelegatingSslContext {
    private static final Cleaner CLEANER =
            Cleaner.create(Thread.ofVirtual().name("portcullis-tls-contexts").factory());

    private final boolean resumes;

    /**
     * @param context held by nobody else
     * @param resumes whether its sessions can be resumed. One that is shows the certificate of its
     *     first handshake, and its new tickets that one again: a client that has renewed it
     *     meanwhile would be judged by the old one for days.
     */
    @SuppressWarnings("this-escape") // Nobody cleans what is being made.
    FreedTlsContext(SslContext context, boolean resumes) {
        super(context);
        this.resumes = resumes;
        CLEANER.register(this, () -> ReferenceCountUtil.release(context));
    }

    /** Called when the engine is made, until which this must not be cleaned. */
    @Override
    @SuppressWarnings("ReachabilityFenceUsage") // If making it fails, nobody uses the context.
    protected void initEngine(SSLEngine engine) {
        if (!resumes && engine instanceof ReferenceCountedOpenSslEngine boringSsl) {
            SSL.setOptions(boringSsl.sslPointer(), SSL.SSL_OP_NO_TICKET);
        }
        Reference.reachabilityFence(this);
    }
}
