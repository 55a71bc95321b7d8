package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.e2e.RecordedDoor.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every field name that means something to the Gateway, in every spelling that some parser folds
 * together: what we write arrives once and with our value, the rest not at all, or the request gets
 * 400.
 */
@ExtendWith(RealParts.Provided.class)
class HeaderTableTest {
    private static final String EVIL = "evil-value";
    private static final String OPERATOR =
            "operator.read,operator.write,operator.talk,operator.questions,operator.approvals";

    /** What we write, and with what value. */
    private static final Map<String, String> WRITTEN =
            Map.of(
                    SidecarSettings.USER_HEADER,
                    Realm.Person.ALICE.user(),
                    "x-forwarded-for",
                    "192.0.2.1",
                    "x-forwarded-proto",
                    "https",
                    "x-forwarded-host",
                    TestCertificates.DOOR,
                    "x-openclaw-scopes",
                    OPERATOR,
                    "host",
                    TestCertificates.DOOR);

    private static RecordedDoor door;
    private static String cookie;

    @BeforeAll
    static void signIn(RealParts parts) throws IOException {
        door = RecordedDoor.start(parts);
        cookie = door.cookie(Realm.Person.ALICE);
    }

    @AfterAll
    static void stop() throws IOException {
        door.close();
    }

    /** How a name can be written. */
    enum Spelling {
        LOWER(name -> name + ": " + EVIL + "\r\n"),
        UPPER(name -> name.toUpperCase(Locale.ROOT) + ": " + EVIL + "\r\n"),
        UNDERSCORES(name -> name.replace('-', '_') + ": " + EVIL + "\r\n"),
        ONE_UNDERSCORE(name -> name.replaceFirst("-", "_") + ": " + EVIL + "\r\n"),
        DOTS(name -> name.replace('-', '.') + ": " + EVIL + "\r\n"),
        BLANK_BEHIND(name -> name + " : " + EVIL + "\r\n"),
        TAB_BEHIND(name -> name + "\t: " + EVIL + "\r\n"),
        BLANK_BEFORE(name -> "X-A: a\r\n " + name + ": " + EVIL + "\r\n"),
        DOUBLED(name -> name + ": " + EVIL + "\r\n" + name + ": " + EVIL + "\r\n"),
        COMMA_JOINED(name -> name + ": " + EVIL + ", " + EVIL + "\r\n"),
        NAMED_IN_CONNECTION(name -> "Connection: " + name + "\r\n"),
        NAMED_AND_SENT(name -> "Connection: " + name + "\r\n" + name + ": " + EVIL + "\r\n");

        @SuppressWarnings("ImmutableEnumChecker") // A function of its argument alone.
        private final UnaryOperator<String> lines;

        Spelling(UnaryOperator<String> lines) {
            this.lines = lines;
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyName_isOursOrAbsentOrRefused(Spelling spelling) throws IOException {
        for (var name : names()) {
            var outcome = door.send(head("GET", spelling.lines.apply(name)) + "\r\n");

            judge(spelling + " " + name, outcome);
        }
    }

    @Test
    void everyNameAsTrailer_isDroppedOrRefused() throws IOException {
        for (var name : names()) {
            long before = door.recorder().received();
            var outcome =
                    door.send(
                            head("POST", "Transfer-Encoding: chunked\r\n")
                                    + "\r\n3\r\nabc\r\n0\r\n"
                                    + name
                                    + ": "
                                    + EVIL
                                    + "\r\n\r\n");

            judgeTrailer(name, outcome, before);
        }
    }

    /**
     * A malformed body seen after the head was relayed may end it; it may never carry the field.
     */
    private static void judgeTrailer(String name, Outcome outcome, long before) {
        assertThat(outcome.answer().status()).as(name).isIn(200, 400);
        for (var head : outcome.heads()) {
            assertThat(head).as(name).doesNotContain(EVIL);
        }
        if (outcome.answer().status() == 400 && outcome.heads().isEmpty()) {
            assertThat(door.recorder().received()).as(name).isEqualTo(before);
        }
        assertThat(door.recorder().transcript()).as(name).doesNotContain(EVIL);
    }

    private static void judge(String what, Outcome outcome) {
        if (outcome.answer().status() == 400) {
            assertThat(outcome.heads()).as(what).isEmpty();
            return;
        }
        assertThat(outcome.answer().status()).as(what).isEqualTo(200);
        assertThat(outcome.heads()).as(what).hasSize(1);
        var head = outcome.heads().getFirst();
        assertThat(head).as(what).doesNotContain(EVIL);
        var folded = folded(head);
        WRITTEN.forEach(
                (name, value) -> assertThat(folded.get(name)).as(what).containsExactly(value));
        GatewayContract.DROPPED.forEach(
                name -> assertThat(folded).as(what).doesNotContainKey(name));
    }

    /** Fields by name with every spelling folded together, as the kindest parser would. */
    private static Map<String, List<String>> folded(String head) {
        var folded = new LinkedHashMap<String, List<String>>();
        Wire.fields(head)
                .forEach((name, values) ->
                        folded.computeIfAbsent(
                                        name.strip().replace('_', '-').replace('.', '-'),
                                        n -> new ArrayList<>())
                                .addAll(values));
        return folded;
    }

    private static List<String> names() {
        return Stream.concat(WRITTEN.keySet().stream().sorted(), GatewayContract.DROPPED.stream())
                .toList();
    }

    private static String head(String method, String more) {
        return method
                + " /tools/invoke HTTP/1.1\r\nHost: "
                + TestCertificates.DOOR
                + "\r\nCookie: "
                + cookie
                + "\r\nOrigin: https://"
                + TestCertificates.DOOR
                + "\r\nSec-Fetch-Site: same-origin\r\n"
                + more;
    }

    @Test
    void wholeHeadOfARequest_equalsTheGoldenOne() throws IOException {
        var outcome = door.send(golden("request-sent.txt").replace("COOKIE", cookie));

        assertThat(outcome.answer().status()).isEqualTo(200);
        assertThat(outcome.heads()).containsExactly(golden("request-relayed.txt"));
    }

    @Test
    void wholeHeadOfAnUpgrade_equalsTheGoldenOne() throws IOException {
        var outcome = door.send(golden("upgrade-sent.txt").replace("COOKIE", cookie));

        assertThat(outcome.answer().status()).isEqualTo(101);
        var relayed = outcome.heads().getFirst();
        var ourKey = Wire.fields(relayed).get("sec-websocket-key").getFirst();
        assertThat(relayed).isEqualTo(golden("upgrade-relayed.txt").replace("OUR-KEY", ourKey));
    }

    /** Kept with plain line ends, so that it can be read and compared. */
    private static String golden(String name) throws IOException {
        try (var in = HeaderTableTest.class.getResourceAsStream("golden/" + name)) {
            if (in == null) {
                throw new IOException("golden/" + name + ": not found");
            }
            var text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            return text.stripTrailing().replace("\n", "\r\n") + "\r\n\r\n";
        }
    }
}
