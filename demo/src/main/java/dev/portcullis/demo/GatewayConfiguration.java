package dev.portcullis.demo;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.text.ParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code config/gateway.example.json} with this machine's values laid over it. */
final class GatewayConfiguration {
    private GatewayConfiguration() {}

    /**
     * The whole {@code openclaw.json}.
     *
     * @throws IOException if the example cannot be read or is no JSON
     */
    static String from(RealGateway.Settings settings) throws IOException {
        try {
            var example = JSONObjectUtils.parse(Files.readString(settings.example()));
            var ours = overlay(settings);
            return JSONObjectUtils.toJSONString(merge(merge(example, ours), settings.overlay()));
        } catch (ParseException e) {
            throw new IOException(settings.example() + ": no JSON", e);
        }
    }

    private static Map<String, Object> overlay(RealGateway.Settings settings) {
        var origin = settings.publicOrigin().toString();
        return Map.of(
                "gateway",
                        Map.of(
                                "port", settings.port(),
                                "publicOrigin", origin,
                                "auth",
                                        Map.of(
                                                "trustedProxy",
                                                Map.of(
                                                        "userHeader", settings.userHeader(),
                                                        "allowUsers", settings.allowUsers())),
                                "controlUi", Map.of("allowedOrigins", List.of(origin))),
                // Nothing outside the folder, nothing over the network, nothing by itself.
                "logging", Map.of("file", settings.directory().resolve("openclaw.log").toString()),
                "discovery", Map.of("mdns", Map.of("mode", "off")),
                "agents", Map.of("defaults", Map.of("heartbeat", Map.of("every", "0m"))));
    }

    /** Objects key by key; anything else is replaced. */
    static Map<String, Object> merge(Map<String, Object> under, Map<String, Object> over) {
        var merged = new LinkedHashMap<>(under);
        over.forEach((key, value) ->
                merged.merge(
                        key,
                        value,
                        (before, after) ->
                                before instanceof Map<?, ?> a && after instanceof Map<?, ?> b
                                        ? merge(object(a), object(b))
                                        : after));
        return merged;
    }

    private static Map<String, Object> object(Map<?, ?> json) {
        var object = new LinkedHashMap<String, Object>();
        json.forEach((key, value) -> object.put(String.valueOf(key), value));
        return object;
    }

    static URI address(int port) {
        return URI.create("http://127.0.0.1:" + port);
    }
}
