package dev.portcullis.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayConfigurationTest {
    private static final Path EXAMPLE = Path.of("..", "config", "gateway.example.json");

    @TempDir private Path temporary;

    @Test
    void example_closesTheGatewaysOwnDoors() throws Exception {
        var gateway = gateway(JSONObjectUtils.parse(Files.readString(EXAMPLE)));
        var proxy = object(object(gateway, "auth"), "trustedProxy");

        assertThat(gateway).containsEntry("mode", "local").containsEntry("bind", "loopback");
        assertThat(gateway.get("trustedProxies")).isEqualTo(List.of("127.0.0.1", "::1"));
        assertThat(object(gateway, "auth")).doesNotContainKeys("token", "password");
        assertThat(proxy).containsEntry("allowLoopback", true);
        assertThat((List<?>) proxy.get("allowUsers")).isNotEmpty();
        assertThat(object(gateway, "roles")).containsKeys("default", "definitions");
    }

    @Test
    void ourValues_replaceTheExamples_andTheRestStays() throws Exception {
        var gateway = gateway(JSONObjectUtils.parse(written(Map.of())));
        var proxy = object(object(gateway, "auth"), "trustedProxy");

        assertThat(((Number) gateway.get("port")).intValue()).isEqualTo(20_001);
        assertThat(gateway).containsEntry("publicOrigin", "https://localhost:8443");
        assertThat(proxy)
                .containsEntry("userHeader", "x-sidecar-user-abc")
                .containsEntry("allowUsers", List.of("alice@example.com"))
                .containsEntry("allowLoopback", true);
        assertThat(object(gateway, "controlUi"))
                .containsEntry("allowedOrigins", List.of("https://localhost:8443"));
    }

    @Test
    void overlay_isOnTop() throws Exception {
        var overlay =
                Map.<String, Object>of(
                        "gateway",
                        Map.of("controlUi", Map.of("basePath", "/claw"), "port", 20_002));
        var gateway = gateway(JSONObjectUtils.parse(written(overlay)));

        assertThat(((Number) gateway.get("port")).intValue()).isEqualTo(20_002);
        assertThat(object(gateway, "controlUi")).containsKeys("basePath", "allowedOrigins");
    }

    @Test
    void brokenExample_isNamed() throws Exception {
        var broken = Files.writeString(temporary.resolve("broken.json"), "{");

        assertThatThrownBy(() -> GatewayConfiguration.from(settings(broken, Map.of())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("broken.json");
    }

    private String written(Map<String, Object> overlay) throws Exception {
        return GatewayConfiguration.from(settings(EXAMPLE, overlay));
    }

    private RealGateway.Settings settings(Path example, Map<String, Object> overlay) {
        return new RealGateway.Settings(
                20_001,
                temporary,
                example,
                "x-sidecar-user-abc",
                URI.create("https://localhost:8443"),
                List.of("alice@example.com"),
                overlay);
    }

    private static Map<String, Object> gateway(Map<String, Object> whole) {
        return object(whole, "gateway");
    }

    @SuppressWarnings("unchecked") // JSON objects have text keys.
    private static Map<String, Object> object(Map<String, Object> parent, String name) {
        return (Map<String, Object>) parent.get(name);
    }
}
