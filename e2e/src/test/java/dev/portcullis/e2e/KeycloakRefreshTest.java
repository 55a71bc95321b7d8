package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Keycloak with rotation on: a refresh token that is sent twice signs its person out. Access tokens
 * of our client are good for ten seconds here.
 */
@ExtendWith(RealParts.Provided.class)
class KeycloakRefreshTest {
    private static final int CLIENTS = 100;
    private static final Duration ACCESS = Duration.ofSeconds(10);
    private static final String REFRESHED = "portcullis_session_refreshes_total{outcome=\"done\"}";

    @Test
    void aHundredRequestsAtTheMomentOfRefresh_areOneRefreshAndNoSignOut(RealParts parts)
            throws Exception {
        var clients = new ArrayList<DoorClient>();
        // They come while the door is held still, and no deadline may find them first.
        try (var door = RecordedDoor.start(parts, "{ head-time: 60s, unproven-time: 90s }")) {
            var sidecar = door.sidecar();
            var cookie = door.cookie(Realm.Person.ALICE);
            long overdue = System.nanoTime() + ACCESS.plusSeconds(1).toNanos();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(sidecar.connect());
            }
            // Held still until its access is over: then all of them are there at once.
            signal(sidecar, "STOP");
            for (var client : clients) {
                client.patience(Duration.ofSeconds(60));
                client.send(BrowserRequests.get("/x", cookie));
            }
            Await.until("the moment", ACCESS.plusSeconds(2), () -> System.nanoTime() > overdue);
            signal(sidecar, "CONT");

            for (var client : clients) {
                assertThat(client.answer().status()).isEqualTo(200);
            }
            assertThat(refreshes(sidecar)).isEqualTo(1);
            assertThat(get(sidecar, cookie)).isEqualTo(200);
            assertThat(sidecar.audit())
                    .noneMatch(line -> line.contains("\"reason\":\"refresh-refused\""));
        } finally {
            for (var client : clients) {
                client.close();
            }
        }
    }

    private static void signal(Sidecar door, String name) throws IOException, InterruptedException {
        var kill = new ProcessBuilder("kill", "-" + name, Long.toString(door.process().pid()));
        assertThat(kill.start().waitFor()).isZero();
    }

    @Test
    void rotation_goesOnForAsLongAsTheSessionLives(RealParts parts) throws IOException {
        try (var door = RecordedDoor.start(parts)) {
            var cookie = door.cookie(Realm.Person.ALICE);
            Await.until(
                    "three refreshes",
                    ACCESS.multipliedBy(4),
                    () -> {
                        assertThat(get(door.sidecar(), cookie)).isEqualTo(200);
                        return refreshes(door.sidecar()) >= 3;
                    });
            assertThat(get(door.sidecar(), cookie)).isEqualTo(200);
        }
    }

    private static int get(Sidecar door, String cookie) throws IOException {
        return door.request(BrowserRequests.get("/x", cookie)).status();
    }

    private static int refreshes(Sidecar door) throws IOException {
        return door.ask("metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(REFRESHED))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(REFRESHED.length())))
                .sum();
    }
}
