package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What an operator sees of one working day in a second: metrics, and an audit line of each kind.
 */
@ExtendWith(RealParts.Provided.class)
class OperatorsViewTest {
    private static final Pattern KIND = Pattern.compile("\"kind\":\"([^\"]+)\"");
    private static final String HOST = "Host: " + TestCertificates.DOOR + "\r\n";

    @Test
    void aDayAtTheDoor_leavesMetricsAndALineOfEachKind(RealParts parts) throws IOException {
        try (var door = RecordedDoor.start(parts)) {
            var cookie = door.cookie(Realm.Person.ALICE);
            aDay(door, cookie);
            var token =
                    SignIn.accessToken(parts.certificates(), parts.issuer(), Realm.Person.ALICE);
            door.send("GET /x HTTP/1.1\r\n" + HOST + "Authorization: Bearer " + token + "\r\n\r\n");
            SignIn.finish(parts.certificates(), door.sidecar(), Realm.Person.MALLORY);

            var audit = audit(door.sidecar());
            var metrics = door.sidecar().ask("metrics").text();

            print("audit-line-of-each-kind.jsonl", audit.values());
            print("metrics.txt", List.of(metrics));
            assertThat(audit.keySet())
                    .contains("request", "upgrade", "sign-in", "sign-out", "socket-close");
            assertThat(metrics).contains("# TYPE").contains("portcullis_");
            noSecrets(door, cookie, token, metrics);
        }
    }

    private static void aDay(RecordedDoor door, String cookie) throws IOException {
        door.send("GET /nobody HTTP/1.1\r\n" + HOST + "\r\n");
        door.send("GET /somebody HTTP/1.1\r\n" + HOST + "Cookie: " + cookie + "\r\n\r\n");
        try (var client = door.sidecar().connect()) {
            client.send(BrowserRequests.handshake("/", cookie));
            assertThat(client.answer().status()).isEqualTo(101);
            Frames.writeMasked(client.out(), Frames.TEXT, new byte[] {'h', 'i'});
            assertThat(Frames.read(client.in()).text()).isEqualTo("hi");
            Frames.writeMasked(client.out(), Frames.CLOSE, new byte[] {3, (byte) 232});
            assertThat(Frames.read(client.in()).closeCode()).isEqualTo(1000);
        }
        door.send(BrowserRequests.signOut(cookie));
    }

    /** The audit's writer has a queue; its last line may be a moment behind. */
    private static Map<String, String> audit(Sidecar sidecar) throws IOException {
        var kinds = new LinkedHashMap<String, String>();
        Await.until(
                "an audit line of a closed socket",
                Duration.ofSeconds(10),
                () -> {
                    for (var line : sidecar.audit()) {
                        var matcher = KIND.matcher(line);
                        assertThat(matcher.find()).as(line).isTrue();
                        kinds.putIfAbsent(matcher.group(1), line);
                    }
                    return kinds.containsKey("socket-close") && kinds.containsKey("sign-out");
                });
        return kinds;
    }

    private static void noSecrets(RecordedDoor door, String cookie, String token, String metrics)
            throws IOException {
        var everything = door.sidecar().log() + String.join("\n", door.sidecar().audit()) + metrics;
        assertThat(everything)
                .doesNotContain(cookie.substring(cookie.indexOf('=') + 1))
                .doesNotContain(token)
                .doesNotContain(Realm.CLIENT_SECRET)
                .doesNotContain(SidecarSettings.USER_HEADER);
    }

    @SuppressWarnings("SystemOut") // Asked for: whoever reads the build's output sees them.
    private static void print(String name, Iterable<String> lines) throws IOException {
        Files.write(Project.output("printed").resolve(name), lines);
        System.out.println("--- " + name);
        lines.forEach(System.out::println);
    }
}
