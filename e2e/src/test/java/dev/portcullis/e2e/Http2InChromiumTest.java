package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Chromium speaks HTTP/2 with the door: the Control UI's files and its socket, on streams. */
@ExtendWith(RealParts.Provided.class)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = RealParts.GATEWAY, mode = ResourceAccessMode.READ)
class Http2InChromiumTest {
    private static final String HOME = "https://" + TestCertificates.DOOR + "/";

    @Test
    void controlUi_loadsOverHttp2AndItsSocketRunsOnAStream(RealParts parts) throws IOException {
        try (var door = GatewayDoor.start(parts);
                var browser = parts.browser(door)) {
            var page = browser.tab();
            var frames = Browser.socketFrames(page);
            var handshakes = handshakes(page);
            page.navigate(HOME);
            Browser.signInAtKeycloak(page, Realm.Person.ALICE);
            page.waitForCondition(
                    () -> frames.stream().anyMatch(f -> f.contains("\"hello-ok\"")),
                    new Page.WaitForConditionOptions().setTimeout(60_000));

            var protocols = new TreeMap<String, Integer>();
            protocols(page).forEach(name -> protocols.merge(name, 1, Integer::sum));
            System.out.println("nextHopProtocol of page and resources: " + protocols);
            System.out.println("status of WebSocket handshakes: " + handshakes);
            var admitted = admitted(door);
            System.out.println(String.join("\n", admitted));

            assertThat(protocols).containsKey("h2").doesNotContainKey("http/1.1");
            assertThat(protocols.get("h2")).isGreaterThan(20);
            assertThat(handshakes).isNotEmpty().containsOnly(200); // 101 is HTTP/1.1's.
            assertThat(admitted)
                    .anyMatch(line -> line.contains("websocket") && line.contains("h2"))
                    .noneMatch(line -> line.contains("\"h1\"") && !line.endsWith(" 0.0"));
        }
    }

    /** The statuses with which this page's sockets open from now on, as the browser saw them. */
    private static List<Integer> handshakes(Page page) {
        var statuses = new ArrayList<Integer>();
        var devTools = page.context().newCDPSession(page);
        devTools.send("Network.enable");
        devTools.on(
                "Network.webSocketHandshakeResponseReceived",
                (JsonObject event) ->
                        statuses.add(event.getAsJsonObject("response").get("status").getAsInt()));
        return statuses;
    }

    @SuppressWarnings("unchecked") // The script returns a list of strings.
    private static List<String> protocols(Page page) {
        return (List<String>)
                page.evaluate(
                        "[...performance.getEntriesByType('navigation'),"
                                + " ...performance.getEntriesByType('resource')]"
                                + ".filter(e => e.name.startsWith(location.origin))"
                                + ".map(e => e.nextHopProtocol)");
    }

    private static List<String> admitted(Sidecar door) throws IOException {
        return door.ask("metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith("portcullis_admitted_total"))
                .toList();
    }
}
