package dev.portcullis.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.netty.pkitesting.CertificateBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/** A door and its issuer on one loopback port, over TLS; says what a test tells it to. */
final class StandInIssuer implements AutoCloseable {
    final Map<String, String> documents = Collections.synchronizedMap(new LinkedHashMap<>());
    final List<Map<String, String>> tokenRequests = Collections.synchronizedList(new ArrayList<>());
    final List<Map<String, String>> deviceRequests =
            Collections.synchronizedList(new ArrayList<>());
    final List<Map<String, String>> revocations = Collections.synchronizedList(new ArrayList<>());

    /** What the token endpoint says next; the last one again and again. */
    final Deque<String> tokenAnswers = new ArrayDeque<>();

    final Path ca;
    private final HttpsServer server;

    StandInIssuer(Path folder) throws Exception {
        var bundle =
                new CertificateBuilder()
                        .subject("CN=localhost")
                        .addSanDnsName("localhost")
                        .ecp256()
                        .setIsCertificateAuthority(true)
                        .buildSelfSigned();
        ca = Files.writeString(folder.resolve("ca.pem"), bundle.getCertificatePathPEM());
        var context = SSLContext.getInstance("TLS");
        context.init(bundle.toKeyManagerFactory().getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::document);
        server.createContext("/token", this::token);
        server.createContext("/revoke", this::revoke);
        server.start();
        documents.put(Door.METADATA, doorDocument(origin().toString(), origin().toString()));
        documents.put("/.well-known/openid-configuration", issuerDocument(origin().toString()));
        documents.put(
                "/device",
                """
                {"device_code":"d","user_code":"ABCD-EFGH","verification_uri":"%s/activate",
                 "expires_in":60,"interval":5}\
                """
                        .formatted(origin()));
    }

    URI origin() {
        return URI.create("https://localhost:" + server.getAddress().getPort());
    }

    static String doorDocument(String resource, String issuer) {
        return """
        {"resource":"%s","authorization_servers":["%s"],"scopes_supported":["openid"],
         "portcullis_cli_client_id":"portcullis-cli"}\
        """
                .formatted(resource, issuer);
    }

    String issuerDocument(String issuer) {
        return """
        {"issuer":"%1$s","authorization_endpoint":"%2$s/authorize","token_endpoint":"%2$s/token",
         "device_authorization_endpoint":"%2$s/device","revocation_endpoint":"%2$s/revoke",
         "jwks_uri":"%2$s/keys","response_types_supported":["code"],
         "subject_types_supported":["public"],
         "authorization_response_iss_parameter_supported":true}\
        """
                .formatted(issuer, origin());
    }

    static String granted(String access, int seconds, String refresh) {
        return "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":%d,\"refresh_token\":\"%s\"}"
                .formatted(access, seconds, refresh);
    }

    static String refused(String code) {
        return "{\"error\":\"" + code + "\"}";
    }

    private void document(HttpExchange exchange) throws IOException {
        if (exchange.getRequestMethod().equals("POST")) {
            deviceRequests.add(form(exchange));
        }
        var text = documents.get(exchange.getRequestURI().getPath());
        answer(exchange, text == null ? 404 : 200, text == null ? "{}" : text);
    }

    private void token(HttpExchange exchange) throws IOException {
        String answer;
        synchronized (tokenAnswers) {
            tokenRequests.add(form(exchange));
            answer =
                    tokenAnswers.size() > 1 ? tokenAnswers.removeFirst() : tokenAnswers.peekFirst();
        }
        int status = answer == null ? 503 : answer.contains("\"error\"") ? 400 : 200;
        answer(exchange, status, answer == null ? "{}" : answer);
    }

    private void revoke(HttpExchange exchange) throws IOException {
        revocations.add(form(exchange));
        answer(exchange, 200, "");
    }

    private static Map<String, String> form(HttpExchange exchange) throws IOException {
        var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        var form = new LinkedHashMap<String, String>();
        for (var part : body.split("&", -1)) {
            var pair = part.split("=", 2);
            form.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        return form;
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        try (exchange) {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
