package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.http.Field;
import dev.portcullis.identity.FlawedTokens;
import dev.portcullis.identity.FlawedTokens.Row;
import dev.portcullis.identity.TestIssuer;
import dev.portcullis.identity.TokenFlaw;
import dev.portcullis.testing.CapturedLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every row of {@code tokens/flaws.txt} at the whole door: nothing in the answer tells what is
 * wrong, nothing goes on, and the operator reads why. Rows that only time or a withdrawn key make
 * are not among them.
 */
class FlawedAnswersTest {
    private static final int HEAD_MAX = 16 * 1024;
    private static final Pattern REQUEST_ID = Pattern.compile("x-request-id: (\\S+)\r\n");
    private static final Pattern DATE = Pattern.compile("date: [^\r]+\r\n");
    private static final Pattern LOGGED = Pattern.compile("\"flaw\":\"([^\"]+)\"");
    private static final Pattern AUDITED =
            Pattern.compile(
                    "\"verdict\":\"deny\",\"reason\":\"([^\"]+)\",\"requestId\":\"([^\"]+)\"");

    /**
     * What became of one row.
     *
     * @param answer without its date and request id
     * @param wentOn what the stand-in behind the door got
     * @param logged what the log says at level DEBUG is wrong
     */
    private record Outcome(
            Row row,
            List<Field> fields,
            String answer,
            String requestId,
            String wentOn,
            List<String> logged) {
        /** Whether it is a token's matter: what is no field value never gets that far. */
        boolean isSendable() {
            return fields.stream().allMatch(field -> isFieldValue(field.value()));
        }

        String scheme() {
            var value = fields.getFirst().value();
            return value.startsWith("DPoP ") ? "DPoP" : "Bearer";
        }

        private static boolean isFieldValue(String value) {
            return value.length() < HEAD_MAX
                    && value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7F));
        }
    }

    @TempDir static Path folder;
    private static final List<Outcome> OUTCOMES = new ArrayList<>();
    private static Map<String, String> audited;
    private static String goodBefore;
    private static String goodAfter;
    private static Duration ahead = Duration.ZERO;

    @BeforeAll
    @Timeout(300)
    static void sendThemAll() throws IOException {
        try (var issuer = new TestIssuer();
                var logs = CapturedLogs.start();
                var door = TestDoor.open(folder, settings(issuer))) {
            var tokens = new FlawedTokens(issuer, () -> Instant.now().plus(ahead), TestDoor.HOST);
            do {
                goodBefore = ask(door, tokens.good());
            } while (goodBefore.startsWith("HTTP/1.1 503 ")); // Its keys are not there yet.
            for (var row : FlawedTokens.rows()) {
                if (!row.needsABefore()) {
                    OUTCOMES.add(outcome(door, logs, row, fields(door, tokens, row)));
                }
            }
            goodAfter = ask(door, tokens.good());
        }
        audited =
                Files.readString(folder.resolve("audit/audit.jsonl"))
                        .lines()
                        .map(AUDITED::matcher)
                        .filter(Matcher::find)
                        .collect(Collectors.toMap(line -> line.group(2), line -> line.group(1)));
    }

    /** More refused tokens than there are rows may come. */
    private static String settings(TestIssuer issuer) {
        return """
        rate-limits: { tokens: { failures: 1000 }, address: { rate: 10000/s, burst: 100000 } }
        tokens:
          - issuer: %s
            insecure-http-issuer: true
            audience: portcullis-api
            groups-claim: groups
        """
                .formatted(issuer.uri());
    }

    private static List<Field> fields(TestDoor door, FlawedTokens tokens, Row row) {
        // What is wrong by a second must still be wrong when a busy machine gets to it.
        ahead = row.isAheadOfTime() ? Duration.ofSeconds(30) : Duration.ZERO;
        var fields = tokens.fields(row);
        ahead = Duration.ZERO;
        if (row.isUsedBefore()) {
            assertThat(ask(door, fields)).as("its first use").startsWith("HTTP/1.1 200 ");
        }
        return fields;
    }

    private static Outcome outcome(TestDoor door, CapturedLogs logs, Row row, List<Field> fields) {
        door.gateway().forget();
        int before = logs.lines().size();
        var answer = ask(door, fields);
        var since = logs.lines().subList(before, logs.lines().size());
        var logged =
                LOGGED.matcher(String.join("\n", since)).results().map(it -> it.group(1)).toList();
        var id = REQUEST_ID.matcher(answer);
        assertThat(id.find()).as("a request id in " + answer).isTrue();
        return new Outcome(
                row,
                fields,
                DATE.matcher(answer.replace(id.group(1), "(id)")).replaceAll("(date)"),
                id.group(1),
                door.gateway().bytes(),
                logged);
    }

    private static String ask(TestDoor door, List<Field> fields) {
        var lines =
                fields.stream()
                        .map(field -> field.name() + ": " + field.value() + "\r\n")
                        .collect(Collectors.joining());
        return door.exchange(
                "GET /a HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\n" + lines + "\r\n");
    }

    /** Without the one whose only flaw HTTP itself takes away: the blank at the end of a value. */
    private static Stream<Outcome> sent() {
        return OUTCOMES.stream().filter(it -> !it.row().name().equals("blank after the signature"));
    }

    @AfterAll
    static void forget() {
        OUTCOMES.clear();
    }

    @Test
    void goodToken_passesBeforeAndAfter() {
        assertThat(goodBefore).startsWith("HTTP/1.1 200 ");
        assertThat(goodAfter).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void noFlawedToken_goesOn() {
        assertThat(sent()).hasSizeGreaterThan(290).allMatch(it -> it.wentOn().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer", "DPoP"})
    void answer_isTheSameBytesWhateverIsWrong(String scheme) {
        var answers =
                sent().filter(it -> it.isSendable() && it.scheme().equals(scheme))
                        .collect(Collectors.groupingBy(Outcome::answer));
        assertThat(answers).as("different answers").hasSize(1);
        var answer = answers.keySet().iterator().next();
        assertThat(answer).startsWith("HTTP/1.1 401 ").contains("error=\"invalid_token\"");
        assertThat(answers.get(answer)).hasSizeGreaterThan(60);
    }

    @Test
    void whatIsNoFieldValue_endsAtTheHead() {
        assertThat(sent().filter(it -> !it.isSendable()))
                .hasSize(7)
                .allMatch(it -> it.answer().matches("(?s)HTTP/1.1 4(00|31) .*"))
                .allMatch(it -> it.logged().isEmpty());
    }

    @Test
    void auditAndLog_sayWhy() {
        assertThat(sent().filter(Outcome::isSendable)).allSatisfy(FlawedAnswersTest::isExplained);
    }

    private static void isExplained(Outcome outcome) {
        var row = outcome.row();
        assertThat(audited.get(outcome.requestId())).as(row.name()).isEqualTo(reason(row.flaw()));
        var logged = row.isForAnyType() ? TokenFlaw.TYPE : row.flaw(); // This door is strict.
        assertThat(outcome.logged()).as(row.name()).containsExactly(logged.code());
    }

    private static String reason(TokenFlaw flaw) {
        if (flaw == TokenFlaw.EXPIRED) {
            return "token-expired";
        }
        return isOfForm(flaw) ? "token-malformed" : "token-invalid";
    }

    /** What is wrong before anybody asks whose token it is. */
    private static boolean isOfForm(TokenFlaw flaw) {
        return flaw.compareTo(TokenFlaw.NESTED) <= 0 && flaw != TokenFlaw.ALGORITHM_NOT_ALLOWED;
    }
}
