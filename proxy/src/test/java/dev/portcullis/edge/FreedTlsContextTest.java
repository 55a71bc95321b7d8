package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.portcullis.testing.Await;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.util.ReferenceCountUtil;
import java.lang.ref.Reference;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Memory outside the heap goes when its last user does, and not before. */
class FreedTlsContextTest {
    private SslContext inner;

    @BeforeEach
    void make() throws Exception {
        assumeThat(OpenSsl.isAvailable()).as("BoringSSL").isTrue();
        inner = newContext();
    }

    private static SslContext newContext() throws Exception {
        var pair =
                new CertificateBuilder()
                        .subject("CN=door")
                        .setIsCertificateAuthority(true)
                        .buildSelfSigned();
        return SslContextBuilder.forServer(pair.getKeyPair().getPrivate(), pair.getCertificate())
                .sslProvider(SslProvider.OPENSSL_REFCNT)
                .build();
    }

    @Test
    void contextThatNobodyHolds_isFreed() {
        hold(new FreedTlsContext(inner, true));

        Await.until("the end of the context", () -> isFreed(inner));
    }

    @Test
    void contextOfAnEngine_isFreedWithIt() {
        var engine = engineOf(new FreedTlsContext(inner, true));
        Await.until(
                "the end of the wrapper",
                () -> collected() && ReferenceCountUtil.refCnt(inner) == 1);
        assertThat(engine.getSupportedProtocols()).isNotEmpty(); // Of a context that is there.

        ReferenceCountUtil.release(engine);

        assertThat(ReferenceCountUtil.refCnt(inner)).isZero();
    }

    @Test
    void contextThatIsHeld_isNotFreed() throws Exception {
        var held = new FreedTlsContext(inner, true);
        try {
            var other = newContext();
            hold(new FreedTlsContext(other, true));

            Await.until("the end of one made later", () -> isFreed(other));

            assertThat(ReferenceCountUtil.refCnt(inner)).isOne();
        } finally {
            Reference.reachabilityFence(held);
        }
    }

    private static void hold(SslContext context) {
        assertThat(context.isServer()).isTrue();
    }

    private static SSLEngine engineOf(SslContext context) {
        return context.newEngine(UnpooledByteBufAllocator.DEFAULT);
    }

    private static boolean isFreed(SslContext context) {
        return collected() && ReferenceCountUtil.refCnt(context) == 0;
    }

    private static boolean collected() {
        System.gc();
        return true;
    }
}
