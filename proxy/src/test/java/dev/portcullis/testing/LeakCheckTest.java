package dev.portcullis.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class LeakCheckTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @Test
    void bufferLeftBehind_isReportedWithItsPlace() {
        TestLeakDetector.begin("leaking");
        assertThat(channel.alloc().buffer().refCnt()).isOne(); // And nobody releases it.
        assertThatThrownBy(TestLeakDetector::end)
                .hasMessageContaining("leaking")
                .hasStackTraceContaining("bufferLeftBehind_isReportedWithItsPlace");
    }

    @Test
    void bufferReleased_isFine() {
        TestLeakDetector.begin("careful");
        channel.alloc().buffer().release();
        assertThatCode(TestLeakDetector::end).doesNotThrowAnyException();
    }

    @Test
    void bufferOfAnEarlierTest_isNotBlamedOnThisOne() {
        TestLeakDetector.begin("earlier");
        var left = channel.alloc().buffer();
        TestLeakDetector.begin("later");
        assertThatCode(TestLeakDetector::end).doesNotThrowAnyException();
        left.release();
    }
}
