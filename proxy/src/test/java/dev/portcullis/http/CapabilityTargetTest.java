package dev.portcullis.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The prefix that the Gateway cuts off leads to hosted surfaces, and to nothing else. */
class CapabilityTargetTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/__openclaw__/cap/x/tools/invoke",
                "/__openclaw__/cap/x/v1/models?a=b",
                "/__openclaw__/cap/x/api/v1/admin/rpc",
                "/__openclaw__/cap/x/j/AAAAAAAAAAAAAAAAAAAAAA",
                "/openclaw/__openclaw__/cap/x/tools/invoke"
            })
    void prefixBeforeAnotherRoute_isRefused(String target) {
        assertThat(Targets.parse(target)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/__openclaw__/cap/x",
                "/__openclaw__/cap/x/",
                "/__openclaw__/cap/x/__openclaw__/canvas/documents/1",
                "/__openclaw__/cap/x/__openclaw__/a2ui/1?b=c"
            })
    void prefixAloneOrBeforeAHostedSurface_passes(String target) {
        assertThat(Targets.parse(target)).isNotNull();
    }
}
